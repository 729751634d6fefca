package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

var markedAt = time.Unix(1_790_000_000, 0)

func TestAMarkThatIsForgedOrExpiredMarksNothing(t *testing.T) {
	keys, err := token.ParseKeys("the second service secret,the first service secret")
	require.NoError(t, err)
	older, err := token.ParseKeys("the first service secret")
	require.NoError(t, err)
	other, err := token.ParseKeys("the secret of somebody else")
	require.NoError(t, err)
	until := markedAt.Add(time.Minute)

	for name, mark := range map[string]string{"of the newest secret": keys.MarkTest(7, 12, until), "of an older secret": older.MarkTest(7, 12, until)} {
		account, offer, ok := keys.ReadTestMark(mark, markedAt)
		require.True(t, ok, name)
		require.Equal(t, []int64{7, 12}, []int64{account, offer}, name)
		_, _, ok = keys.ReadTestMark(mark, until.Add(-time.Second))
		require.True(t, ok, name)
	}

	mark := keys.MarkTest(7, 12, until)
	parts := strings.Split(mark, ".")
	changed := func(i int, part string) string {
		all := append([]string(nil), parts...)
		all[i] = part
		return strings.Join(all, ".")
	}
	for name, forged := range map[string]string{
		"nothing":            "",
		"a word":             "1",
		"another's":          other.MarkTest(7, 12, until),
		"of another account": changed(0, "8"),
		"of another offer":   changed(1, "13"),
		"for longer":         changed(2, "1799999999"),
		"spelled otherwise":  changed(0, "07"),
		"with a plus":        changed(0, "+7"),
		"without signature":  changed(3, ""),
		"with half of it":    changed(3, parts[3][:30]),
		"with more":          mark + "00",
		"of five parts":      mark + ".",
		"behind a space":     " " + mark,
		"very long":          strings.Repeat("1", 5000) + mark,
	} {
		account, offer, ok := keys.ReadTestMark(forged, markedAt)
		require.False(t, ok, name)
		require.Zero(t, account+offer, name)
	}
	for _, late := range []time.Duration{0, time.Second, time.Hour} {
		_, _, ok := keys.ReadTestMark(mark, until.Add(late))
		require.False(t, ok, "%s late", late)
	}
	_, _, ok := token.Keys{}.ReadTestMark(mark, markedAt)
	require.False(t, ok, "without secrets nothing verifies")
}

// A mark names nobody by another secret's purpose: neither a receipt nor a token that is
// signed with the same secret is a mark.
func FuzzReadTestMark(f *testing.F) {
	keys, err := token.ParseKeys("a service secret of the tests")
	require.NoError(f, err)
	f.Add(keys.MarkTest(7, 12, markedAt.Add(time.Minute)), int64(0))
	f.Add(keys.MarkTest(-1, 1<<62, markedAt), int64(-1))
	f.Add("7.12.1790000060.00000000000000000000000000000000", int64(5))
	f.Add("...", int64(0))
	f.Fuzz(func(t *testing.T, text string, later int64) {
		now := markedAt.Add(time.Duration(later))
		account, offer, ok := keys.ReadTestMark(text, now)
		if !ok {
			require.Zero(t, account)
			require.Zero(t, offer)
			return
		}
		end := strings.Split(text, ".")[2]
		for _, until := range []int64{markedAt.Add(time.Minute).Unix(), markedAt.Unix()} {
			if made := keys.MarkTest(account, offer, time.Unix(until, 0)); strings.Contains(made, "."+end+".") {
				require.True(t, strings.EqualFold(made, text), "only what was made is read")
				return
			}
		}
		t.Fatalf("a mark was read that was never made: %q", text)
	})
}
