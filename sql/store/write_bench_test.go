package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/lib/pq"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// batchSizes range from a single hit to a full batch.
var batchSizes = []int{1, 32, 512}

// BenchmarkWrite measures one batch of postbacks that convert: the look-up of
// their clicks, which are spread over two months of daily partitions, and the
// transaction with its commit.
func BenchmarkWrite(b *testing.B) {
	address := storetest.URL(b)
	opened, err := store.Open(address)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, opened.Close()) })
	ids := storeClicks(b, address, benchKeys(b), 20_000)
	for _, size := range batchSizes {
		b.Run(fmt.Sprintf("hits=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			cost := newMeter(b, address)
			from := 0
			for b.Loop() {
				b.StopTimer()
				if from+size > len(ids) {
					from = 0
				}
				records := conversionRecords(b, ids[from:from+size])
				cost.start()
				b.StartTimer()
				found, err := opened.Clicks(b.Context(), ids[from:from+size])
				if err != nil || len(found) != size {
					b.Fatal(len(found), err)
				}
				if err := opened.Write(b.Context(), records); err != nil {
					b.Fatal(err)
				}
				cost.stop()
				from += size
			}
			perHit(b, size)
			cost.report(size)
		})
	}
}

// BenchmarkClicks measures the look-up of a batch's clicks, which are spread
// over two months of daily partitions.
func BenchmarkClicks(b *testing.B) {
	address := storetest.URL(b)
	opened, err := store.Open(address)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, opened.Close()) })
	keys := benchKeys(b)
	ids := storeClicks(b, address, keys, 20_000)
	for _, size := range batchSizes {
		b.Run(fmt.Sprintf("clicks=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			from := 0
			for b.Loop() {
				if from+size > len(ids) {
					from = 0
				}
				found, err := opened.Clicks(b.Context(), ids[from:from+size])
				if err != nil || len(found) != size {
					b.Fatal(len(found), err)
				}
				from += size
			}
			perHit(b, size)
		})
	}
}

func perHit(b *testing.B, size int) {
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/hit")
}

func benchKeys(b *testing.B) token.Keys {
	keys, err := token.ParseKeys("a service secret for the benchmarks")
	require.NoError(b, err)
	return keys
}

// conversionRecords makes postbacks for these clicks that were decided to convert. Each
// has its own key, with the time of its click.
func conversionRecords(b *testing.B, ids []token.TransactionID) []*attribution.Record {
	records := make([]*attribution.Record, len(ids))
	for i := range records {
		now := time.Now().UTC().Truncate(time.Microsecond)
		id, err := uuid.NewV7()
		require.NoError(b, err)
		h := &hit.Hit{
			ID: id, Kind: hit.Postback, ReceivedAt: now, Method: "GET", Host: "track.example.com", Path: "/postback",
			TokenDigest: token.DigestOf("token"), TransactionID: ids[i], ClientIP: "198.51.100.7",
			UserAgent: "shop-postback/2.4 (+https://shop.example)",
			Params:    map[string]string{hit.ParamOrderID: "A-1234"},
		}
		h.Params[hit.ParamTransactionID] = h.TransactionID.String()
		request, err := h.Encode()
		require.NoError(b, err)
		key := uuid.New()
		copy(key[:token.TimeBytes], h.TransactionID[:])
		records[i] = &attribution.Record{
			Hit: h, Request: request, Details: attribution.Details{OrderID: "A-1234"},
			Decision: attribution.Decision{
				Outcome: outcome.Converted, Route: attribution.Global, AccountID: 1, TokenID: 1, OfferID: 1, PublisherID: 1,
				Conversion: &attribution.Conversion{
					DedupKey: key, Event: attribution.BaseEvent, Status: attribution.Approved,
					Method: hit.Postback, Revenue: decimal.RequireFromString("4.00"),
					Payout: decimal.RequireFromString("2.50"), Currency: "USD",
				},
			},
		}
	}
	return records
}

// storeClicks stores clicks of the last two months, in partitions that it makes, and
// returns their ids in random order.
func storeClicks(b *testing.B, address string, keys token.Keys, n int) []token.TransactionID {
	const days = 60
	db, err := sql.Open("postgres", address)
	require.NoError(b, err)
	defer func() { require.NoError(b, db.Close()) }()
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for back := range days {
		day := today.AddDate(0, 0, -back)
		for _, table := range []string{"clicks", "hits"} {
			_, err := db.Exec("SELECT ensure_partition($1, $2, $3, $4)", table, table+day.Format("_20060102"),
				token.FirstID(day), token.FirstID(day.AddDate(0, 0, 1)))
			require.NoError(b, err)
		}
	}
	ids := make([]token.TransactionID, n)
	for i := range ids {
		// 37 and 60 have no common divisor, so every day occurs in turn.
		ids[i] = keys.Mint(today.AddDate(0, 0, -(i * 37 % days)).Add(rand.N(24 * time.Hour)))
	}
	tx, err := db.Begin()
	require.NoError(b, err)
	copying, err := tx.Prepare("COPY clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at) FROM STDIN")
	require.NoError(b, err)
	for _, id := range ids {
		_, err := copying.Exec(id.UUID().String(), 1, id.UUID().String(), 1, 1, id.Time())
		require.NoError(b, err)
	}
	_, err = copying.Exec()
	require.NoError(b, err)
	require.NoError(b, copying.Close())
	require.NoError(b, tx.Commit())
	_, err = db.Exec("VACUUM ANALYZE clicks")
	require.NoError(b, err)
	return ids
}
