package store_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
	"integr8/sql/store"
)

// TestAnOrderConvertsOnceWhateverIsolationTheServerChooses: a transaction begins before
// an offer is switched on, and writes its conversion afterwards.
func TestAnOrderConvertsOnceWhateverIsolationTheServerChooses(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"repeatable read", "serializable"} {
		t.Run(isolation, func(t *testing.T) {
			b := openBooks(t)
			b.party(1)
			address, err := url.Parse(b.url)
			require.NoError(t, err)
			query := address.Query()
			query.Set("default_transaction_isolation", isolation)
			address.RawQuery = query.Encode()
			worker, err := store.Open(address.String())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, worker.Close()) })
			worker.Deciding().SetMaxOpenConns(1)
			prepares := b.orderRecord(noon, "") // prepares its statements, so that the transaction reads before it waits for a lock
			require.NoError(t, worker.Write(t.Context(), []*attribution.Record{prepares}))

			gate, err := b.db.BeginTxx(t.Context(), nil)
			require.NoError(t, err)
			t.Cleanup(func() { _ = gate.Rollback() }) // an error after the end of the transaction is expected
			_, err = gate.Exec("LOCK TABLE conversions IN SHARE MODE")
			require.NoError(t, err)
			first, second := b.orderRecord(noon, "A-1"), b.orderRecord(noon, "A-1")
			written := make(chan error, 1)
			go func() { written <- worker.Write(t.Context(), []*attribution.Record{first}) }()
			b.awaitLocks(1)
			b.setUniqueOrders(true)
			require.NoError(t, gate.Commit())
			require.NoError(t, <-written)
			require.Equal(t, outcome.Converted, first.Decision.Outcome)
			b.write(second)
			b.requireOrderRepeat(second, first)
		})
	}
}
