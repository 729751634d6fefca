package token

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	secretA = "first-secret-of-the-tests"
	secretB = "second-secret-of-the-tests"
)

func keys(t testing.TB, list string) Keys {
	t.Helper()
	parsed, err := ParseKeys(list)
	require.NoError(t, err)
	return parsed
}

func TestTransactionIDTellsItsTimeAndVerifies(t *testing.T) {
	k := keys(t, secretA)
	at := time.Date(2026, 3, 4, 5, 6, 7, 891234567, time.UTC)
	id := k.Mint(at)
	require.Equal(t, at.Truncate(time.Millisecond), id.Time())
	require.Len(t, id.String(), 32)

	got, err := k.Verify(id.String())
	require.NoError(t, err)
	require.Equal(t, id, got)
}

func TestTransactionIDIsAcceptedInTheFormsThatAdvertisersSend(t *testing.T) {
	k := keys(t, secretA)
	id := k.Mint(time.Now())
	for name, text := range map[string]string{
		"upper case":      strings.ToUpper(id.String()),
		"as a UUID":       id.UUID().String(),
		"as a UUID, caps": strings.ToUpper(id.UUID().String()),
		"with spaces":     " " + id.String() + "\n",
	} {
		got, err := k.Verify(text)
		require.NoError(t, err, name)
		require.Equal(t, id, got, name)
	}
}

func TestTransactionIDWithAnyDigitChangedDoesNotVerify(t *testing.T) {
	k := keys(t, secretA)
	text := []byte(k.Mint(time.Now()).String())
	for i, was := range text {
		changed := slices.Clone(text)
		changed[i] = '0'
		if was == '0' {
			changed[i] = '1'
		}
		_, err := k.Verify(string(changed))
		require.ErrorIs(t, err, ErrUnverifiedTransactionID, "digit %d", i)
	}
}

func TestTransactionIDThatIsNoIDIsMalformed(t *testing.T) {
	k := keys(t, secretA)
	id := k.Mint(time.Now()).String()
	for name, text := range map[string]string{
		"empty":           "",
		"short":           id[:31],
		"long":            id + "0",
		"not hexadecimal": strings.Repeat("g", 32),
		"in braces":       "{" + id + "}",
		"full-width":      strings.Repeat("0", 16),
		"dashes only":     strings.Repeat("-", 32),
	} {
		_, err := k.Verify(text)
		require.ErrorIs(t, err, ErrMalformedTransactionID, name)
	}
}

func TestOlderSecretsVerifyButOnlyTheNewestSigns(t *testing.T) {
	before, after := keys(t, secretA), keys(t, secretB+","+secretA)
	old := before.Mint(time.Now())
	_, err := after.Verify(old.String())
	require.NoError(t, err)
	_, err = before.Verify(after.Mint(time.Now()).String())
	require.ErrorIs(t, err, ErrUnverifiedTransactionID)
}

func TestTransactionIDsSortByTime(t *testing.T) {
	k := keys(t, secretA)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 100 {
		next := at.Add(time.Millisecond)
		earlier, later := k.Mint(at), k.Mint(next)
		require.Negative(t, bytes.Compare(earlier[:], later[:]))
		at = next
	}
}

func TestTransactionIDTravelsAsText(t *testing.T) {
	id := keys(t, secretA).Mint(time.Now())
	data, err := json.Marshal(id)
	require.NoError(t, err)
	require.Equal(t, `"`+id.String()+`"`, string(data))
	var got TransactionID
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, id, got)
	require.Error(t, got.UnmarshalText([]byte("12")))
	require.Error(t, got.UnmarshalText(bytes.Repeat([]byte("x"), 32)))
	require.True(t, TransactionID{}.IsZero())
	require.False(t, id.IsZero())
}

func TestServiceSecretsMustNotBeShort(t *testing.T) {
	for _, list := range []string{"", "short", secretA + ",", secretA + ",short"} {
		_, err := ParseKeys(list)
		require.Error(t, err, list)
	}
	require.True(t, Keys{}.IsZero())
	require.False(t, keys(t, secretA).IsZero())
}

func FuzzVerify(f *testing.F) {
	k := keys(f, secretA)
	f.Add(k.Mint(time.UnixMilli(1_700_000_000_000)).String())
	f.Add(strings.ToUpper(k.Mint(time.UnixMilli(0)).UUID().String()))
	f.Add("{clickid}")
	f.Add(strings.Repeat("-", 40))
	f.Fuzz(func(t *testing.T, text string) {
		id, err := k.Verify(text)
		if err != nil {
			require.True(t, id.IsZero())
			return
		}
		// What verifies is an id of ours, however it was written.
		again, err := k.Verify(id.String())
		require.NoError(t, err)
		require.Equal(t, id, again)
	})
}
