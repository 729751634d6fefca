package keys_test

import (
	"database/sql"
	"encoding/json"
	"sync"
	"testing"

	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

var _ keys.Store = (*store.Store)(nil)

// opened returns the use cases over a fresh database with two accounts, and that
// database, for what no use case shows.
func opened(t *testing.T) (keys.Keys, *sql.DB) {
	t.Helper()
	url := storetest.URL(t)
	db, err := store.Open(url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	raw, err := sql.Open("postgres", url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, raw.Close()) })
	for _, name := range []string{"Own", "Other"} {
		_, err := db.CreateAccount(t.Context(), name, reference.DefaultTimeZone)
		require.NoError(t, err)
	}
	return keys.Keys{Store: db}, raw
}

func TestAKeyIsShownOnceAndStoredAsADigest(t *testing.T) {
	t.Parallel()
	use, raw := opened(t)
	made, err := use.Create(t.Context(), keys.NewKey{Account: 1, Role: keys.Operate, Name: " nightly job "})
	require.NoError(t, err)
	require.Regexp(t, `^i8k_[0-9a-f]{64}$`, made.Key)
	require.Equal(t, made.Key[:12], made.Prefix)
	require.Equal(t, "nightly job", made.Name)

	listed, err := use.List(t.Context(), keys.Filter{})
	require.NoError(t, err)
	require.Len(t, listed, 1)
	text, err := json.Marshal(listed)
	require.NoError(t, err)
	require.NotContains(t, string(text), made.Key)
	require.Contains(t, string(text), made.Prefix)

	var row string
	var digest []byte
	require.NoError(t, raw.QueryRow("SELECT k::text, digest FROM api_keys AS k").Scan(&row, &digest))
	require.NotContains(t, row, made.Key)
	require.NotContains(t, row, made.Key[12:], "not even its digits")
	want := token.DigestOf(made.Key)
	require.Equal(t, want[:], digest)
}

func TestAKeyIsWhatItWasCreatedAs(t *testing.T) {
	t.Parallel()
	use, _ := opened(t)
	own, err := use.Create(t.Context(), keys.NewKey{Account: 2, Role: keys.Read, Name: "own"})
	require.NoError(t, err)
	operator, err := use.Create(t.Context(), keys.NewKey{Role: keys.Admin, Name: "operator"})
	require.NoError(t, err)

	used, err := use.Use(t.Context(), own.Key)
	require.NoError(t, err)
	require.Equal(t, int64(2), *used.AccountID)
	require.Equal(t, keys.Read, used.Role)
	require.Empty(t, used.Key, "the text is not passed on")
	require.True(t, used.Opens(2))
	require.False(t, used.Opens(1))
	used, err = use.Use(t.Context(), operator.Key)
	require.NoError(t, err)
	require.Nil(t, used.AccountID)
	require.True(t, used.Opens(1) && used.Opens(2))

	_, err = use.Create(t.Context(), keys.NewKey{Account: 3, Role: keys.Read, Name: "x"})
	require.ErrorIs(t, err, reference.ErrNotFound)
	_, err = use.Create(t.Context(), keys.NewKey{Account: 1, Role: "root", Name: "x"})
	require.ErrorIs(t, err, reference.ErrInvalid)
	_, err = use.Create(t.Context(), keys.NewKey{Account: 1, Role: keys.Read, Name: " "})
	require.ErrorIs(t, err, reference.ErrInvalid)
}

func TestARevokedKeyOpensNothing(t *testing.T) {
	t.Parallel()
	use, _ := opened(t)
	made, err := use.Create(t.Context(), keys.NewKey{Account: 1, Role: keys.Admin, Name: "x"})
	require.NoError(t, err)
	_, err = use.Revoke(t.Context(), 2, made.ID)
	require.ErrorIs(t, err, reference.ErrNotFound, "it is another account's")
	_, err = use.Use(t.Context(), made.Key)
	require.NoError(t, err)

	revoked, err := use.Revoke(t.Context(), 1, made.ID)
	require.NoError(t, err)
	require.NotNil(t, revoked.RevokedAt)
	_, err = use.Use(t.Context(), made.Key)
	require.ErrorIs(t, err, keys.ErrUnknown)
	again, err := use.Revoke(t.Context(), 0, made.ID)
	require.NoError(t, err)
	require.Equal(t, revoked.RevokedAt, again.RevokedAt)
	current, err := use.List(t.Context(), keys.Filter{Account: 1, Current: true})
	require.NoError(t, err)
	require.Empty(t, current)
}

func TestATextThatIsNoKeyOpensNothing(t *testing.T) {
	t.Parallel()
	use, _ := opened(t)
	made, err := use.Create(t.Context(), keys.NewKey{Account: 1, Role: keys.Read, Name: "x"})
	require.NoError(t, err)
	for _, text := range []string{"", made.Prefix, made.Key[4:], made.Key + "0", made.Key[:len(made.Key)-1] + "x", "i8t_" + made.Key[4:], made.Key[:67] + "g"} {
		_, err := use.Use(t.Context(), text)
		require.ErrorIs(t, err, keys.ErrUnknown)
	}
	other := []byte(made.Key)
	other[len(other)-1] ^= 1
	_, err = use.Use(t.Context(), string(other))
	require.ErrorIs(t, err, keys.ErrUnknown)
}

// TestTheUseOfAKeyIsWrittenOnceAMinute: a key of many requests must not turn each of them
// into a write.
func TestTheUseOfAKeyIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	use, raw := opened(t)
	made, err := use.Create(t.Context(), keys.NewKey{Account: 1, Role: keys.Read, Name: "x"})
	require.NoError(t, err)
	require.Nil(t, made.LastUsedAt)
	// The version of the row changes with each write.
	version := func() (version string) {
		require.NoError(t, raw.QueryRow("SELECT xmin::text || ctid::text FROM api_keys").Scan(&version))
		return version
	}
	useAtOnce := func() {
		var racing sync.WaitGroup
		for range 8 {
			racing.Go(func() {
				_, err := use.Use(t.Context(), made.Key)
				require.NoError(t, err)
			})
		}
		racing.Wait()
	}
	unused := version()
	useAtOnce()
	first := version()
	require.NotEqual(t, unused, first)
	// The test may take longer than a minute on a machine that is slow enough.
	_, err = raw.Exec("UPDATE api_keys SET last_used_at = now() + interval '1 hour'")
	require.NoError(t, err)
	before := version()
	useAtOnce()
	require.Equal(t, before, version())

	_, err = raw.Exec("UPDATE api_keys SET last_used_at = now() - interval '61 seconds'")
	require.NoError(t, err)
	_, err = use.Use(t.Context(), made.Key)
	require.NoError(t, err)
	listed, err := use.List(t.Context(), keys.Filter{Account: 1})
	require.NoError(t, err)
	var recent bool
	require.NoError(t, raw.QueryRow("SELECT $1::timestamptz > now() - interval '30 seconds'", *listed[0].LastUsedAt).Scan(&recent))
	require.True(t, recent)
}

func TestARoleIncludesTheWeakerOnes(t *testing.T) {
	t.Parallel()
	for i, role := range keys.Roles() {
		for j, other := range keys.Roles() {
			require.Equal(t, i >= j, role.Includes(other), "%s, %s", role, other)
		}
		require.False(t, role.Includes("root"))
		require.False(t, keys.Role("root").Includes(role))
	}
}
