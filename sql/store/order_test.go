package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
)

// TestBatchesWithTheSameKeysInAnyOrderBothGoOn: a third transaction locks the middle
// one of three rows, and two batches reach it from opposite ends. Without sorting, each
// batch would then hold a row that the other needs.
func TestBatchesWithTheSameKeysInAnyOrderBothGoOn(t *testing.T) {
	t.Parallel()
	for table, test := range map[string]struct {
		key    string
		record func(b *books, at time.Time) *attribution.Record
	}{
		"conversions": {"id", func(b *books, at time.Time) *attribution.Record { return b.conversionRecord(at, uuid.New()) }},
		"unique_orders": {"conversion_id", func(b *books, at time.Time) *attribution.Record {
			return b.orderRecord(at, at.String())
		}},
		"clicks": {"hit_id", (*books).clickRecord},
		"hits": {"id", func(b *books, at time.Time) *attribution.Record {
			record := b.clickRecord(at)
			record.Decision = attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: 1}
			return record
		}},
	} {
		t.Run(table, func(t *testing.T) {
			b := openBooks(t)
			b.uniqueOrders()
			var batch []*attribution.Record
			for i := range 3 {
				batch = append(batch, test.record(b, noon.Add(time.Duration(i)*time.Second)))
			}
			slices.SortFunc(batch, func(x, y *attribution.Record) int { return slices.Compare(keyOf(x), keyOf(y)) })
			middle := batch[1]
			b.write(middle)
			b.exec(fmt.Sprintf("CREATE TABLE middle AS SELECT * FROM %s WHERE %s = '%s'", table, test.key, middle.Hit.ID))
			b.exec("TRUNCATE conversions, unique_orders, clicks, hits, dead_letters CASCADE")
			holder, err := b.db.BeginTxx(t.Context(), nil)
			require.NoError(t, err)
			t.Cleanup(func() { _ = holder.Rollback() }) // an error after the end of the transaction is expected
			_, err = holder.Exec(fmt.Sprintf("INSERT INTO %s SELECT * FROM middle", table))
			require.NoError(t, err)

			written := make(chan error, 2)
			for turned := range 2 {
				own := make([]*attribution.Record, len(batch))
				for i, r := range batch {
					another := *r
					own[i] = &another
				}
				if turned == 1 {
					slices.Reverse(own)
				}
				go func() { written <- b.Write(t.Context(), own) }()
				b.awaitLocks(turned + 1)
			}
			require.NoError(t, holder.Rollback())
			require.NoError(t, <-written)
			require.NoError(t, <-written)
			require.Equal(t, 3, b.count("hits"))
			require.Equal(t, 3, b.count(table))
		})
	}
}

// keyOf returns the key by which the rows of a record are ordered.
func keyOf(r *attribution.Record) []byte {
	if r.Details.OrderID != "" {
		order := attribution.OrderKey(r.Decision.OfferID, r.Details.OrderID)
		return order[:]
	}
	if r.Decision.Conversion != nil {
		return r.Decision.Conversion.DedupKey[:]
	}
	return r.Hit.TransactionID[:]
}

func TestOfTwoWithTheSameKeyTheEarlierConverts(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	key := uuid.New()
	earlier, later := b.conversionRecord(noon, key), b.conversionRecord(noon.Add(time.Second), key)
	b.write(later, earlier)
	require.Equal(t, outcome.Converted, earlier.Decision.Outcome)
	require.Equal(t, outcome.Duplicate, later.Decision.Outcome)
	require.Equal(t, earlier.Hit.ID, later.DuplicateOf)
}
