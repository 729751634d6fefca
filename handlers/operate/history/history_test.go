package history

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValuesAreThoseThatDiffer(t *testing.T) {
	t.Parallel()
	type object struct {
		Name  string   `json:"name"`
		Limit *int     `json:"limit"`
		Tags  []string `json:"tags"`
	}
	for name, test := range map[string]struct {
		before, after any
		old, new      string
	}{
		"created":  {nil, object{Name: "a", Tags: []string{}}, `{}`, `{"name":"a","tags":[]}`},
		"edited":   {object{Name: "a", Limit: new(1)}, object{Name: "b", Limit: new(1)}, `{"name":"a"}`, `{"name":"b"}`},
		"added":    {object{Name: "a"}, object{Name: "a", Limit: new(0)}, `{}`, `{"limit":0}`},
		"removed":  {object{Name: "a", Limit: new(2)}, object{Name: "a"}, `{"limit":2}`, `{}`},
		"emptied":  {Fields{"state": "on"}, Fields{"state": ""}, `{"state":"on"}`, `{}`},
		"the same": {object{Name: "a", Tags: []string{"x"}}, object{Name: "a", Tags: []string{"x"}}, `{}`, `{}`},
	} {
		before, after, err := Change{Old: test.before, New: test.after}.Values()
		require.NoError(t, err, name)
		require.Equal(t, test.old, string(before), name)
		require.Equal(t, test.new, string(after), name)
	}
	_, _, err := Change{New: []int{1}}.Values()
	require.Error(t, err)
}

func FuzzCursor(f *testing.F) {
	for _, text := range []string{"", "0", "1", "zz", "-1", "+1", "ZZ", " 1", "1y2p0ij32e8e7", "1y2p0ij32e8e8", "01"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var cursor Cursor
		if err := cursor.UnmarshalText([]byte(text)); err != nil {
			require.ErrorIs(t, err, ErrCursor)
			require.True(t, cursor.IsZero())
			return
		}
		require.Equal(t, text, cursor.String())
		require.Positive(t, cursor.id)
	})
}
