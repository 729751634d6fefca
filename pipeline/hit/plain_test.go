package hit

import (
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

func plainHit(k token.Keys) *Hit {
	h := wholeHit(k)
	h.Params = map[string]string{ParamTransactionID: "abc", "a": "", "adv_sub_id": "<&>~"}
	return h
}

// What is read one field after the other would be read by package json at four
// times the cost, with nobody the wiser, if a field were forgotten.
func TestWhatIsEncodedWithoutEscapesIsReadAsPlain(t *testing.T) {
	h := plainHit(keys(t))
	whole := reflect.ValueOf(h).Elem()
	for i := -1; i < whole.NumField(); i++ {
		partial := *h
		if i >= 0 && whole.Type().Field(i).Name != "ID" && whole.Type().Field(i).Name != "Kind" {
			reflect.ValueOf(&partial).Elem().Field(i).SetZero()
		}
		data, err := partial.Encode()
		require.NoError(t, err)
		got, plain := decodePlain(data)
		require.True(t, plain, "%s", data)
		require.Equal(t, &partial, got)
	}
}

func TestPlainMeansThatNothingIsEscaped(t *testing.T) {
	for letter := range 256 {
		want := letter >= 0x20 && letter < 0x80 && letter != '\\'
		for length := 1; length <= 20; length++ {
			for at := range length {
				text := []byte(strings.Repeat("a", length))
				text[at] = byte(letter)
				require.Equal(t, want, isPlain(text), "%q", text)
			}
		}
	}
	require.True(t, isPlain([]byte("]]]]]]]][[[[[[[[~~~~~~~~\x7f        ")))
	require.True(t, isPlain(nil))
}

// FuzzPlain: what is read as plain, package json reads as the same hit.
func FuzzPlain(f *testing.F) {
	data, err := plainHit(keys(f)).Encode()
	require.NoError(f, err)
	f.Add(data)
	for _, change := range [][2]string{
		{`"offer_id":2`, `"offer_id":02`}, {`"offer_id":2`, `"offer_id":-2`}, {`"offer_id":2`, `"offer_id":2.0`}, {`"offer_id":2`, `"offer_id":`},
		{`"a":"",`, `"transaction_id":"",`}, {`"a":"",`, ``}, {`"params":{`, `"params":{}{`}, {`true}`, `true}}`}, {`true}`, `false}`}, {`:07.891Z`, `:7,891Z`}, {`T05:`, `T5:`}, {`891Z`, `891+00:00`},
		{`"pixel"`, `"pixel" `}, {`"account_id":1`, `"account_id":99999999999999999999`}, {`"path":"/pixel",`, ``},
	} {
		f.Add([]byte(strings.Replace(string(data), change[0], change[1], 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, plain := decodePlain(data)
		if !plain {
			return
		}
		var want Hit
		require.NoError(t, json.Unmarshal(data, &want))
		require.Equal(t, &want, got)
	})
}
