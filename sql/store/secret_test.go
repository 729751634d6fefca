package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// Fingerprints for the tests.
const (
	printA token.Fingerprint = "aaaaaaaaaaaa"
	printB token.Fingerprint = "bbbbbbbbbbbb"
	printC token.Fingerprint = "cccccccccccc"
)

func register(t *testing.T, db *store.Store, signs bool, own ...token.Fingerprint) (newest token.Fingerprint) {
	t.Helper()
	known, err := db.RegisterSecrets(t.Context(), own, signs)
	require.NoError(t, err)
	signer, _ := token.NewestSigner(known)
	return signer.Fingerprint
}

func TestARotationInTwoPhasesIsRegisteredStepByStep(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	require.Equal(t, printA, register(t, db, true, printA), "the first process makes its own known")
	require.Equal(t, printA, register(t, db, true, printA, printB), "phase one: B verifies")
	require.Equal(t, printA, register(t, db, false, printB, printA), "a worker does not sign")
	require.Equal(t, printB, register(t, db, true, printB, printA), "phase two: B signs")
	require.Equal(t, printB, register(t, db, true, printA, printB), "a process that is still in phase one changes nothing")

	secrets, err := db.Secrets(t.Context())
	require.NoError(t, err)
	require.Len(t, secrets, 2)
	require.Equal(t, printB, secrets[0].Fingerprint)
	require.NotNil(t, secrets[0].SignsSince)
	require.True(t, secrets[1].LastSigned.After(*secrets[0].SignsSince), "A signed last when B did already")
}

func TestAProcessWithoutTheNewestSignerRegistersNothing(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	register(t, db, true, printA)
	require.Equal(t, printA, register(t, db, true, printB), "a new secret alone")
	require.Equal(t, printA, register(t, db, true, printC, printB))
	secrets, err := db.Secrets(t.Context())
	require.NoError(t, err)
	require.Len(t, secrets, 1)
}

func TestOfTwoFirstProcessesWithDifferentSecretsOneIsRefused(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	prints := []token.Fingerprint{printA, printB, printC}
	signers := make([]token.Fingerprint, len(prints))
	var starting sync.WaitGroup
	for i, print := range prints {
		starting.Go(func() { signers[i] = register(t, db, true, print) })
	}
	starting.Wait()
	require.Equal(t, signers[0], signers[1])
	require.Equal(t, signers[0], signers[2])
}

func TestARetiredSecretIsNotMissedAndIsInUseAgainWhenItComesBack(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	register(t, db, true, printA)
	retired, err := db.RetireSecret(t.Context(), printA)
	require.NoError(t, err)
	require.NotNil(t, retired.RetiredAt)
	require.Equal(t, printB, register(t, db, true, printB))
	require.Equal(t, printB, register(t, db, true, printB, printA))
	secrets, err := db.Secrets(t.Context())
	require.NoError(t, err)
	require.Nil(t, secrets[1].RetiredAt)

	_, err = db.RetireSecret(t.Context(), printC)
	require.ErrorIs(t, err, reference.ErrNotFound)
}

func TestProcessesAreNotifiedOfASecretThatIsNew(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	following := follow(t, db, time.Hour)
	<-following.Loaded()
	awaitSigner := func(want token.Fingerprint) {
		await(t, following, func(s *attribution.Snapshot) bool {
			newest, _ := token.NewestSigner(s.Secrets)
			return newest.Fingerprint == want
		})
	}
	awaitSigner("")
	register(t, db, true, printA)
	awaitSigner(printA)
	register(t, db, true, printA) // seen again
	register(t, db, true, printB, printA)
	awaitSigner(printB)
	_, err := db.RetireSecret(t.Context(), printB)
	require.NoError(t, err)
	awaitSigner(printA)
}
