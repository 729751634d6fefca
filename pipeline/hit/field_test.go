package hit

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// TestEveryFieldOfAHitHasAChoice fails where a field of Hit has no line in fields,
// or one that says something else than its tag, leads to another field, or leaves
// open what keeps secrets out.
func TestEveryFieldOfAHitHasAChoice(t *testing.T) {
	whole := reflect.TypeFor[Hit]()
	for i := range min(whole.NumField(), len(fields)) {
		field, line := whole.Field(i), fields[i]
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		require.Equal(t, name, line.name, "%s: the order is that of the struct", field.Name)
		require.Equal(t, options == "", line.empty == written, "%s is written or omitted where it is empty", field.Name)
		require.NotEqual(t, line.limit > 0, line.reason != "", "%s is redacted, or it is said why not", field.Name)

		h := new(Hit)
		at := reflect.ValueOf(line.value).Call([]reflect.Value{reflect.ValueOf(h)})[0]
		require.Equal(t, reflect.ValueOf(h).Elem().Field(i).Addr().Pointer(), at.Pointer(), "the line of %s leads to another field", field.Name)
		if line.limit > 0 {
			require.IsType(t, text(nil), line.value, "%s: only a text is a foreign text", field.Name)
			require.NotZero(t, line.weight, "say when Fit cuts %s", field.Name)
			require.False(t, line.weight == uncut && line.limit > MaxNameBytes, "%s is too long to be left whole", field.Name)
		}
	}
	require.Equal(t, whole.NumField(), len(fields), "decide in fields how each field of a hit travels, and what keeps secrets out of it")
}

// TestFieldsTravelAsChosen holds Encode, the fast path of Decode and package json to
// the table: each field alone and all together, in its order, and empty ones only
// where that is chosen.
func TestFieldsTravelAsChosen(t *testing.T) {
	whole := plainHit(keys(t))
	whole.Params = map[string]string{"a": "1", "b": "2"}
	for i := -1; i < len(fields); i++ {
		h := &Hit{ID: whole.ID, Kind: whole.Kind} // no hit lacks them
		if i < 0 {
			h = whole
		} else {
			reflect.ValueOf(h).Elem().Field(i).Set(reflect.ValueOf(whole).Elem().Field(i))
		}
		data, err := h.Encode()
		require.NoError(t, err)
		at := 0
		for j, line := range fields {
			found := strings.Index(string(data), `"`+line.name+`":`)
			require.Equal(t, line.empty == written || i < 0 || i == j, found >= 0, "%s in %s", line.name, data)
			if found >= 0 {
				require.GreaterOrEqual(t, found, at, "%s in %s", line.name, data)
				at = found
			}
		}
		fast, plain := decodePlain(data)
		require.True(t, plain, "%s", data)
		require.Equal(t, h, fast)
		var slow Hit
		require.NoError(t, json.Unmarshal(data, &slow))
		require.Equal(t, h, &slow)
	}
}

// TestEveryFormOmitsAnEmptyValue takes the forms of all fields, those of fields that
// are always written as well: the next field of that form may be optional.
func TestEveryFormOmitsAnEmptyValue(t *testing.T) {
	for _, line := range fields {
		data, err := line.value.appendTo(nil, line.name, omitted, new(Hit))
		require.NoError(t, err)
		require.Empty(t, data, "the form of %s", line.name)
	}
}

// TestNoTextFieldTakesANUL puts a NUL into each field that is made of text, by
// reflection: Encode refuses it, and so does Decode where somebody else has encoded
// it.
func TestNoTextFieldTakesANUL(t *testing.T) {
	tried := 0
	for i := range fields {
		h := &Hit{ID: uuid.New(), Kind: Postback, ReceivedAt: time.Now()}
		if fields[i].name == "kind" || !setText(reflect.ValueOf(h).Elem().Field(i), "a\x00b") {
			continue // a kind is one of four words
		}
		tried++
		require.True(t, h.hasNUL(), fields[i].name)
		_, err := h.Encode()
		require.ErrorIs(t, err, ErrUnencodable, fields[i].name)

		setText(reflect.ValueOf(h).Elem().Field(i), "a\x01b")
		data, err := h.Encode()
		require.NoError(t, err)
		_, err = Decode(bytes.ReplaceAll(data, []byte(`\u0001`), []byte(`\u0000`)))
		require.ErrorIs(t, err, errNUL, fields[i].name)
	}
	require.Greater(t, tried, 5)
}
