package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

func TestNormalizeHost(t *testing.T) {
	for text, want := range map[string]string{
		"track.example.com":      "track.example.com",
		" Track.Example.COM. ":   "track.example.com",
		"track.example.com:8443": "track.example.com",
		"TRÄCK.example":          "xn--trck-moa.example",
		"xn--trck-moa.example":   "xn--trck-moa.example",
		"localhost":              "localhost",
		"127.0.0.1:8080":         "127.0.0.1",
		"":                       "",
		".":                      "",
		"https://a.example":      "",
		"a.example/pixel":        "",
		"user@a.example":         "",
		"a b.example":            "",
		"a..example":             "",
		"under_score.example":    "",
		"a.example?x":            "",
		"-a.example":             "",
		"a.example\x00":          "",
		"\xff.example":           "",
	} {
		host, err := store.NormalizeHost(text)
		if want == "" {
			require.ErrorIs(t, err, store.ErrInvalid, "%q", text)
			continue
		}
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, host, "%q", text)
	}
}

func FuzzNormalizeHost(f *testing.F) {
	for _, seed := range []string{"track.example.com", "TRÄCK.example:80", "127.0.0.1", "[::1]:80", "xn--", "a.."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		host, err := store.NormalizeHost(text)
		if err != nil {
			require.ErrorIs(t, err, store.ErrInvalid)
			return
		}
		again, err := store.NormalizeHost(host)
		require.NoError(t, err, "%q gave %q", text, host)
		require.Equal(t, host, again)
		require.Regexp(t, `^[a-z0-9.-]+$`, host)
	})
}

func TestHostBelongsToOneAccount(t *testing.T) {
	db := storetest.Open(t)
	own, other := openShop(t, db, "Own"), openShop(t, db, "Other")
	domain, err := db.CreateDomain(t.Context(), own.account.ID, "Track.Example.com:443")
	require.NoError(t, err)
	require.Equal(t, "track.example.com", domain.Host)

	_, err = db.CreateDomain(t.Context(), own.account.ID, "track.example.com")
	require.ErrorIs(t, err, store.ErrConflict)
	require.EqualError(t, err, "account 1 has the host track.example.com already, as domain 1")
	_, err = db.CreateDomain(t.Context(), other.account.ID, "track.example.com")
	require.ErrorIs(t, err, store.ErrConflict)
	require.EqualError(t, err, "the host track.example.com is taken by another account")

	theirs, err := db.CreateDomain(t.Context(), other.account.ID, "other.example")
	require.NoError(t, err)
	_, err = db.EditDomain(t.Context(), other.account.ID, theirs.ID, "track.example.com")
	require.ErrorIs(t, err, store.ErrConflict)
	moved, err := db.EditDomain(t.Context(), own.account.ID, domain.ID, "t2.example.com")
	require.NoError(t, err)
	require.Equal(t, "t2.example.com", moved.Host)
}
