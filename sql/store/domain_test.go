package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/reference"
	"integr8/sql/store/storetest"
)

func TestHostBelongsToOneAccount(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	own, other := openShop(t, db, "Own"), openShop(t, db, "Other")
	domain, err := db.CreateDomain(t.Context(), own.account.ID, "track.example.com")
	require.NoError(t, err)
	require.Equal(t, "track.example.com", domain.Host)

	_, err = db.CreateDomain(t.Context(), own.account.ID, "track.example.com")
	require.ErrorIs(t, err, reference.ErrConflict)
	require.EqualError(t, err, "account 1 has the host track.example.com already, as domain 1")
	_, err = db.CreateDomain(t.Context(), other.account.ID, "track.example.com")
	require.ErrorIs(t, err, reference.ErrConflict)
	require.EqualError(t, err, "the host track.example.com is taken by another account")

	theirs, err := db.CreateDomain(t.Context(), other.account.ID, "other.example")
	require.NoError(t, err)
	_, err = db.EditDomain(t.Context(), other.account.ID, theirs.ID, "track.example.com")
	require.ErrorIs(t, err, reference.ErrConflict)
	moved, err := db.EditDomain(t.Context(), own.account.ID, domain.ID, "t2.example.com")
	require.NoError(t, err)
	require.Equal(t, "t2.example.com", moved.Host)
}
