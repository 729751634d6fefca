package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
	"integr8/sql/store/storetest"
)

func TestTokensOfOneScopeGetGenerationsOfTheirOwn(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	keys, err := token.ParseKeys(strings.Repeat("k", token.MinSecretLength))
	require.NoError(t, err)

	const racers = 8
	var racing errgroup.Group
	for _, offer := range []int64{0, made.offer.ID} {
		for range racers {
			racing.Go(func() error {
				_, err := db.CreateToken(t.Context(), made.account.ID, offer, "", func(generation int64) token.Digest {
					return token.DigestOf(keys.Token(made.account.ID, offer, generation))
				})
				return err
			})
		}
	}
	require.NoError(t, racing.Wait())

	tokens, err := db.Tokens(t.Context(), made.account.ID)
	require.NoError(t, err)
	seen := map[[2]int64]bool{}
	for _, row := range tokens {
		seen[[2]int64{row.OfferID, row.Generation}] = true
		recovered, ok := keys.RecoverToken("", made.account.ID, row.OfferID, row.Generation, row.Digest)
		require.True(t, ok)
		found, ok, err := db.FindToken(t.Context(), token.DigestOf(recovered))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, row.Token, found)
	}
	for generation := range int64(racers) {
		require.True(t, seen[[2]int64{0, generation + 1}])
		require.True(t, seen[[2]int64{made.offer.ID, generation + 1}])
	}
}

func TestImportedTokenIsStoredOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	own, other := openShop(t, db, "Own"), openShop(t, db, "Other")
	digest := token.DigestOf("an older system's token")
	token, err := db.ImportToken(t.Context(), own.account.ID, own.offer.ID, "", digest)
	require.NoError(t, err)
	require.Zero(t, token.Generation)
	require.Equal(t, own.offer.ID, token.OfferID)

	_, err = db.ImportToken(t.Context(), own.account.ID, 0, "", digest)
	require.ErrorIs(t, err, reference.ErrConflict)
	require.EqualError(t, err, "account 1 has this token already, as token 1")
	_, err = db.ImportToken(t.Context(), other.account.ID, 0, "", digest)
	require.ErrorIs(t, err, reference.ErrConflict)
	require.NotContains(t, err.Error(), "account 1")
}

func TestTokenCanBeEndedAndRevived(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	token, err := db.ImportToken(t.Context(), made.account.ID, 0, "", token.DigestOf("token"))
	require.NoError(t, err)
	require.True(t, token.ValidUntil.IsZero())

	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	token, err = db.EditToken(t.Context(), made.account.ID, token.ID, until)
	require.NoError(t, err)
	require.True(t, until.Equal(token.ValidUntil))
	token, err = db.EditToken(t.Context(), made.account.ID, token.ID, time.Time{})
	require.NoError(t, err)
	require.True(t, token.ValidUntil.IsZero())
}
