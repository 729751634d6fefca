package secrets_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/secrets"
	"integr8/pipeline/failure"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// Fingerprints for the tests.
const (
	older token.Fingerprint = "aaaaaaaaaaaa"
	newer token.Fingerprint = "bbbbbbbbbbbb"
	never token.Fingerprint = "cccccccccccc"
)

// rotated returns the use cases, and the database, after processes have changed from the
// older secret to the newer one.
func rotated(t *testing.T) (secrets.Secrets, *sqlx.DB) {
	t.Helper()
	url := storetest.URL(t)
	opened, err := store.Open(url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	for _, own := range [][]token.Fingerprint{{older}, {newer, older}} {
		_, err := opened.RegisterSecrets(t.Context(), own, true)
		require.NoError(t, err)
	}
	db, err := sqlx.Open("postgres", url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return secrets.Secrets{Store: opened, Own: []token.Fingerprint{newer, older}}, db
}

func TestAListSaysWhatEachSecretDoesHere(t *testing.T) {
	t.Parallel()
	all, _ := rotated(t)
	places := func(own ...token.Fingerprint) map[token.Fingerprint]secrets.Place {
		t.Helper()
		all.Own = own
		list, err := all.List(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, newer, list[0].Fingerprint, "the newest signer is the first")
		found := map[token.Fingerprint]secrets.Place{}
		for _, secret := range list {
			found[secret.Fingerprint] = secret.Here
		}
		return found
	}
	require.Equal(t, map[token.Fingerprint]secrets.Place{newer: secrets.Signs, older: secrets.Verifies}, places(newer, older))
	require.Equal(t, map[token.Fingerprint]secrets.Place{newer: secrets.Nowhere, older: secrets.Signs}, places(older))
	require.Equal(t, map[token.Fingerprint]secrets.Place{newer: secrets.Nowhere, older: secrets.Nowhere}, places())
}

func TestASystemWithoutAnySecretHasAnEmptyList(t *testing.T) {
	t.Parallel()
	list, err := secrets.Secrets{Store: storetest.Open(t)}.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, []secrets.Listed{}, list, "not null in JSON")
}

func TestASecretThatAProcessMayHaveIsRetiredByForceOnly(t *testing.T) {
	t.Parallel()
	all, db := rotated(t)
	_, err := all.Retire(t.Context(), older, false)
	require.ErrorContains(t, err, "a process had the secret aaaaaaaaaaaa at ")
	require.Equal(t, "take it out of INTEGR8_SECRET, restart every process, wait 15m0s, or use `--force`", failure.Hint(err))
	list, err := all.List(t.Context())
	require.NoError(t, err)
	require.Nil(t, list[1].RetiredAt)

	retired, err := all.Retire(t.Context(), older, true)
	require.NoError(t, err)
	require.NotNil(t, retired.RetiredAt)

	seen := func(ago string) {
		t.Helper()
		_, err := db.Exec("UPDATE service_secrets SET last_seen = clock_timestamp() - $1::interval WHERE fingerprint = $2", ago, newer)
		require.NoError(t, err)
	}
	seen("14 minutes")
	_, err = all.Retire(t.Context(), newer, false)
	require.Error(t, err, "its process may have missed two registrations")
	seen("16 minutes")
	retired, err = all.Retire(t.Context(), newer, false)
	require.NoError(t, err)
	require.Equal(t, newer, retired.Fingerprint)
}

func TestASecretThatNoProcessEverHadIsNotRetired(t *testing.T) {
	t.Parallel()
	all, _ := rotated(t)
	for _, force := range []bool{false, true} {
		_, err := all.Retire(t.Context(), never, force)
		require.ErrorIs(t, err, reference.ErrNotFound)
		require.EqualError(t, err, "no process has ever had the secret cccccccccccc")
		require.Equal(t, "list the fingerprints: `integr8 secret list`", failure.Hint(err))
	}
}

// away is a database that does not respond.
type away struct{ secrets.Store }

var errAway = errors.New("the database is away")

func (away) RetireSecret(context.Context, token.Fingerprint) (secrets.Secret, error) {
	return secrets.Secret{}, errAway
}

func TestOnlyAnUnknownSecretIsLookedForInTheList(t *testing.T) {
	t.Parallel()
	_, err := secrets.Secrets{Store: away{}}.Retire(t.Context(), older, true)
	require.ErrorIs(t, err, errAway)
	require.Empty(t, failure.Hint(err), "the fingerprint is not what is wrong")
}

// TestTheJSONOfSecretsStaysAsItWas: scripts read it. The files were written before the
// types had this package.
func TestTheJSONOfSecretsStaysAsItWas(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 15, 9, 26, 535897000, time.UTC)
	later := at.Add(90 * time.Minute)
	signs := secrets.Secret{Fingerprint: older, FirstSeen: at, LastSeen: later, SignsSince: &at, LastSigned: &later}
	retired := secrets.Secret{Fingerprint: newer, FirstSeen: at, LastSeen: at, RetiredAt: &later}
	for name, value := range map[string]any{
		"listed":  []secrets.Listed{{Secret: signs, Here: secrets.Signs}, {Secret: retired}},
		"retired": retired,
	} {
		var got bytes.Buffer
		encoder := json.NewEncoder(&got)
		encoder.SetIndent("", "  ")
		require.NoError(t, encoder.Encode(value))
		want, err := os.ReadFile("testdata/" + name + ".json")
		require.NoError(t, err)
		require.Equal(t, string(want), got.String(), name)
	}
}
