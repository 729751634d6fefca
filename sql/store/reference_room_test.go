package store_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// room is what a Reference says that it needs.
type room struct {
	reference   *store.Reference
	first, last atomic.Int64
	short       atomic.Bool // it was told of less than the present snapshot takes
}

func (r *room) make(bytes int) {
	r.first.CompareAndSwap(0, int64(bytes))
	r.last.Store(int64(bytes))
	if bytes < r.reference.Current().Bytes() {
		r.short.Store(true)
	}
}

// roomOf runs a Reference with a file, and returns what it says, and a function that ends it.
func roomOf(t *testing.T, db *store.Store, file string) (*room, func()) {
	t.Helper()
	of := new(room)
	of.reference = store.NewReference(db, store.ReferenceOptions{File: file, MakeRoom: of.make})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- of.reference.Run(ctx) }()
	return of, func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

// TestRoomIsMadeForReferenceDataBeforeItIsThere at the first load, with changes, and at a
// start from a file.
func TestRoomIsMadeForReferenceDataBeforeItIsThere(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	made := openShop(t, db, "Acme")
	file := filepath.Join(t.TempDir(), "reference")
	need, end := roomOf(t, db, file)
	exact := func(s *attribution.Snapshot) bool { return need.last.Load() == int64(s.Bytes()) }
	await(t, need.reference, knows(made.account.ID, made.publisher.ID))
	await(t, need.reference, exact)
	before := need.last.Load()
	for range 100 {
		_, err := db.CreatePublisher(t.Context(), made.account.ID, "one more")
		require.NoError(t, err)
	}
	await(t, need.reference, func(s *attribution.Snapshot) bool { return s.Sizes().Publishers == 101 && exact(s) })
	require.Greater(t, need.last.Load(), before)
	require.False(t, need.short.Load())
	end()

	info, err := os.Stat(file)
	require.NoError(t, err)
	again, end := roomOf(t, db, file)
	<-again.reference.Usable()
	require.Equal(t, info.Size(), again.first.Load())
	require.False(t, again.short.Load())
	end()
}
