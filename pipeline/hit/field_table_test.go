package hit

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// fieldChoice says what holds for a field of Hit: how it travels, and what keeps
// secrets and NULs out of it. The code is written out by hand, for every hit pays
// for it; the tests below hold it to this table. A field without a line here fails
// them.
type fieldChoice struct {
	// json is its name, in the order of Hit.Encode.
	json string
	// always is set where it is written when it is empty too.
	always bool
	// redacted is set where foreign text is put through Redactor.Text. Otherwise
	// ours says whose text it is.
	redacted bool
	ours     string
}

var fieldTable = []struct {
	field string
	fieldChoice
}{
	{"ID", fieldChoice{json: "id", always: true, ours: "made at the door"}},
	{"Kind", fieldChoice{json: "kind", always: true, ours: "one of the constants"}},
	{"ReceivedAt", fieldChoice{json: "received_at", always: true, ours: "made at the door"}},
	{"Method", fieldChoice{json: "method", always: true, redacted: true}},
	{"Host", fieldChoice{json: "host", always: true, redacted: true}},
	{"Path", fieldChoice{json: "path", always: true, redacted: true}},
	{"Params", fieldChoice{json: "params", redacted: true}},
	{"TokenDigest", fieldChoice{json: "token_digest", ours: "a digest"}},
	{"TransactionID", fieldChoice{json: "transaction_id", ours: "it verified"}},
	{"AccountID", fieldChoice{json: "account_id", ours: "a number"}},
	{"OfferID", fieldChoice{json: "offer_id", ours: "a number"}},
	{"PublisherID", fieldChoice{json: "publisher_id", ours: "a number"}},
	{"Destination", fieldChoice{json: "destination", redacted: true}},
	{"ClientIP", fieldChoice{json: "client_ip", ours: "a parsed address"}},
	{"UserAgent", fieldChoice{json: "user_agent", redacted: true}},
	{"Referer", fieldChoice{json: "referer", redacted: true}},
	{"Refusal", fieldChoice{json: "refusal", ours: "one of the constants"}},
	{"TokenLeaked", fieldChoice{json: "token_leaked", ours: "a flag"}},
	{"Notes", fieldChoice{json: "notes", ours: "words of ours"}},
	{"Surplus", fieldChoice{json: "surplus", ours: "a flag"}},
}

func TestEveryFieldOfAHitHasAChoice(t *testing.T) {
	whole := reflect.TypeFor[Hit]()
	chosen := map[string]fieldChoice{}
	for _, line := range fieldTable {
		chosen[line.field] = line.fieldChoice
		require.NotEqual(t, line.redacted, line.ours != "", "%s is redacted, or it is said why not", line.field)
	}
	require.Len(t, chosen, len(fieldTable), "a field twice")
	for i := range whole.NumField() {
		field := whole.Field(i)
		choice, ok := chosen[field.Name]
		require.True(t, ok, "decide in fieldTable how %s travels and what keeps secrets out of it", field.Name)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		require.Equal(t, choice.json, name, field.Name)
		require.Equal(t, fieldTable[i].field, field.Name, "the order is that of the struct")
	}
	require.Equal(t, whole.NumField(), len(fieldTable), "a line without a field")
}

// TestFieldsTravelAsChosen holds Encode, the fast decoder and package json to the
// table: each field alone and all together, in its order, and empty ones only
// where that is chosen.
func TestFieldsTravelAsChosen(t *testing.T) {
	whole := plainHit(keys(t, secretA))
	whole.Params = map[string]string{"a": "1", "b": "2"}
	for i := -1; i < len(fieldTable); i++ {
		h := new(Hit)
		if i < 0 {
			h = whole
		} else {
			reflect.ValueOf(h).Elem().Field(i).Set(reflect.ValueOf(whole).Elem().Field(i))
		}
		data, err := h.Encode()
		require.NoError(t, err)
		at := 0
		for j, line := range fieldTable {
			written := strings.Index(string(data), `"`+line.json+`":`)
			require.Equal(t, line.always || i < 0 || i == j, written >= 0, "%s in %s", line.field, data)
			if written >= 0 {
				require.GreaterOrEqual(t, written, at, "%s in %s", line.field, data)
				at = written
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

// TestNoTextFieldTakesANULOrASecret puts a NUL, and then secrets, into each field
// that is made of text, by reflection.
func TestNoTextFieldTakesANULOrASecret(t *testing.T) {
	token := generated(t)
	for _, line := range fieldTable {
		h := &Hit{ID: uuid.New(), Kind: Postback, ReceivedAt: time.Now()}
		field := reflect.ValueOf(h).Elem().FieldByName(line.field)
		if !setText(field, "a\x00b") {
			require.False(t, line.redacted, "%s holds no text", line.field)
			continue
		}
		if line.field != "Kind" { // one of the constants, or Decode refuses it
			require.True(t, h.hasNUL(), line.field)
		}
		require.Error(t, h.validate(), line.field)

		setText(field, "x joe@example.com "+token+" y")
		Redactor{}.Hit(h)
		data, err := h.Encode()
		require.NoError(t, err)
		require.Equal(t, line.redacted, !strings.Contains(string(data), "joe@") && !strings.Contains(string(data), token), "%s", line.field)
	}
}

// setText puts text into a field of any form that is made of text.
func setText(field reflect.Value, text string) bool {
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Map:
		field.Set(reflect.ValueOf(map[string]string{text: text, "a": text}))
	case reflect.Slice:
		field.Set(reflect.ValueOf([]string{text}))
	default:
		return false
	}
	return true
}
