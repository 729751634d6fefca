package handlers_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// BenchmarkPostbacks measures postbacks that convert, handed in by as many
// callers at once as a full queue has, from the hit to its commit.
func BenchmarkPostbacks(b *testing.B) {
	address := storetest.URL(b)
	opened, err := store.Open(address)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, opened.Close()) })
	keys, err := token.ParseKeys("a service secret for the benchmarks")
	require.NoError(b, err)
	account := storetest.NewAccount(b, opened, keys, "north")
	snapshot, err := opened.LoadSnapshot(context.Background())
	require.NoError(b, err)
	postbacks := handlers.NewPostbacks(handlers.Options{
		Directory: handlers.NewDirectory(&snapshots{current: snapshot}, opened), Records: opened,
	})
	hits := make(chan *hit.Hit, b.N)
	for _, id := range storeClicks(b, address, account, keys, b.N) {
		hits <- &hit.Hit{
			ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC().Truncate(time.Microsecond),
			Method: "GET", Host: "track.example.com", Path: "/postback", ClientIP: "198.51.100.7",
			UserAgent: "shop-postback/2.4 (+https://shop.example)", TransactionID: id,
			TokenDigest: token.DigestOf(account.Global),
			Params:      map[string]string{hit.ParamTransactionID: id.String(), hit.ParamOrderID: "A-1234"},
		}
	}
	b.SetParallelism(1024)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			h := <-hits
			request, err := h.Encode()
			if err == nil {
				err = postbacks.Handle(context.Background(), h, request)
			}
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hits/s")
}

// storeClicks stores clicks of the last hours.
func storeClicks(b *testing.B, address string, account *storetest.Account, keys token.Keys, n int) []token.TransactionID {
	db, err := sqlx.Open("postgres", address)
	require.NoError(b, err)
	defer func() { require.NoError(b, db.Close()) }()
	tx, err := db.Begin()
	require.NoError(b, err)
	copying, err := tx.Prepare("COPY clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at) FROM STDIN")
	require.NoError(b, err)
	ids := make([]token.TransactionID, n)
	for i := range ids {
		ids[i] = keys.Mint(time.Now().Add(-time.Duration(i) * time.Second / 10))
		_, err := copying.Exec(ids[i].UUID().String(), account.ID, ids[i].UUID().String(), account.Offer, account.Publisher, ids[i].Time())
		require.NoError(b, err)
	}
	_, err = copying.Exec()
	require.NoError(b, err)
	require.NoError(b, copying.Close())
	require.NoError(b, tx.Commit())
	return ids
}
