package store_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// fillReferenceData makes n offers and tokens, and 3 publishers for 10 offers, of a thousand
// accounts.
func fillReferenceData(b *testing.B, db *sqlx.DB, n int) {
	b.Helper()
	for _, statement := range []string{
		`INSERT INTO accounts (name) SELECT 'account ' || a FROM generate_series(1, 1000) AS a`,
		`INSERT INTO advertisers (id, account_id, name) SELECT a, a, 'advertiser ' || a FROM generate_series(1, 1000) AS a`,
		`INSERT INTO publishers (account_id, name) SELECT 1 + p % 1000, 'publisher ' || p FROM generate_series(1, $1::bigint * 3 / 10) AS p`,
		`INSERT INTO offers (id, account_id, advertiser_id, name, destination, currency, payout, revenue)
			SELECT o, 1 + o % 1000, 1 + o % 1000, 'summer sale ' || o, 'https://shop' || o % 777 || '.example/landing/' || o ||
				'?clickid={transaction_id}&source={publisher_id}', 'USD', o % 5000 / 100.0, o % 9000 / 100.0
			FROM generate_series(1, $1::bigint) AS o`,
		`INSERT INTO tokens (account_id, offer_id, digest, generation)
			SELECT 1 + o % 1000, o, sha256(o::text::bytea), 1 FROM generate_series(1, $1::bigint) AS o`,
	} {
		parameters := []any{}
		if statement[len(statement)-1] != 'a' {
			parameters = append(parameters, n)
		}
		_, err := db.Exec(statement, parameters...)
		require.NoError(b, err)
	}
	_, err := db.Exec("VACUUM ANALYZE")
	require.NoError(b, err)
}

// usedCPU returns the CPU time that this process has used.
func usedCPU(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func usedMemory() float64 {
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return float64(memory.HeapAlloc)
}

// referenceSize is how many offers, and tokens, there are: REFERENCE_OFFERS, or 100,000.
func referenceSize(b *testing.B) int {
	b.Helper()
	wanted := os.Getenv("REFERENCE_OFFERS")
	if wanted == "" {
		return 100_000
	}
	n, err := strconv.Atoi(wanted)
	require.NoError(b, err)
	return n
}

// madeSnapshot returns a snapshot like that of fillReferenceData.
func madeSnapshot(n int) *attribution.Snapshot {
	snapshot := new(attribution.Snapshot)
	for first := 1; first <= n; first += 5000 {
		batch := new(attribution.Batch)
		for i := first; i < min(first+5000, n+1); i++ {
			id := int64(i)
			account := 1 + id%1000
			batch.AddOffer(&attribution.Offer{ID: id, AccountID: account, AdvertiserID: account, Name: fmt.Sprint("summer sale ", id), Status: attribution.Active,
				Destination: fmt.Sprintf("https://shop%d.example/landing/%d?clickid={transaction_id}&source={publisher_id}", id%777, id), Currency: "USD",
				Payout: attribution.Money{Amount: decimal.New(id%5000*10000, -6)}, Revenue: attribution.Money{Amount: decimal.New(id%9000*10000, -6)},
				Window: attribution.DefaultWindow})
			batch.AddToken(token.DigestOf(fmt.Sprint(id)), &attribution.Token{ID: id, AccountID: account, OfferID: id}, false)
			if id%10 < 3 {
				batch.AddPublisher(&attribution.Publisher{ID: id, AccountID: account, Name: fmt.Sprint("publisher ", id), Status: attribution.Active})
			}
		}
		snapshot = snapshot.With(batch)
	}
	return snapshot
}

// BenchmarkReferenceFile measures what REFERENCE_OFFERS offers and as many tokens take in
// memory and in a file, and how long a process takes to write it and to start from it.
func BenchmarkReferenceFile(b *testing.B) {
	n := referenceSize(b)
	path := filepath.Join(b.TempDir(), "reference")
	before := usedMemory()
	snapshot := madeSnapshot(n)
	inMemory := (usedMemory() - before) / float64(n)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			spent := usedCPU(b)
			require.NoError(b, store.SaveSnapshot(snapshot, path))
			b.ReportMetric((usedCPU(b) - spent).Seconds(), "cpu-s")
		}
		info, err := os.Stat(path)
		require.NoError(b, err)
		b.ReportMetric(inMemory, "memory-B/offer+token")
		b.ReportMetric(float64(info.Size())/float64(n), "file-B/offer+token")
	})
	b.Run("read", func(b *testing.B) {
		snapshot = nil
		for b.Loop() {
			spent := usedCPU(b)
			var err error
			if snapshot, err = store.ReadSnapshot(path); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric((usedCPU(b) - spent).Seconds(), "cpu-s")
		}
	})
}

// BenchmarkReferenceData measures what REFERENCE_OFFERS offers and as many tokens cost a
// process: to load all, and to follow edits. CPU times are this process's, without
// Postgres.
func BenchmarkReferenceData(b *testing.B) {
	n := referenceSize(b)
	address := storetest.URL(b)
	opened, err := store.Open(address)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, opened.Close()) })
	db, err := sqlx.Open("postgres", address)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	fillReferenceData(b, db, n)

	b.Run("load-all", func(b *testing.B) {
		var snapshot *attribution.Snapshot
		before := usedMemory()
		for b.Loop() {
			spent := usedCPU(b)
			if snapshot, err = opened.LoadSnapshot(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric((usedCPU(b) - spent).Seconds(), "cpu-s")
		}
		b.ReportMetric((usedMemory()-before)/float64(n), "B/offer+token")
		runtime.KeepAlive(snapshot)
	})
	b.Run("edits", func(b *testing.B) { measureEdits(b, opened, n) })
}

// measureEdits edits 10 offers a second, and measures the time from the commit until each
// of some processes knows, and their CPU time for an edit.
func measureEdits(b *testing.B, opened *store.Store, n int) {
	const processes, edits = 3, 100
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, processes)
	var following []*store.Reference
	for range processes {
		one := store.NewReference(opened, store.ReferenceOptions{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
		go func() { ended <- one.Run(ctx) }()
		<-one.Loaded()
		following = append(following, one)
	}
	defer func() {
		cancel()
		for range processes {
			require.NoError(b, <-ended)
		}
	}()
	idle := usedCPU(b)
	time.Sleep(5 * time.Second)
	idle = (usedCPU(b) - idle) / 5 // a second
	for b.Loop() {
		var longest, editing time.Duration
		began, spent := time.Now(), usedCPU(b)
		for edit := range edits {
			next := time.Now().Add(100 * time.Millisecond)
			id, name := int64(1+edit*7919%n), fmt.Sprint("edit ", edit)
			editBegan := usedCPU(b)
			if _, err := opened.EditOffer(ctx, 1+id%1000, id, reference.OfferChange{Name: &name}); err != nil {
				b.Fatal(err)
			}
			editing += usedCPU(b) - editBegan
			committed := time.Now()
			for _, one := range following {
				for {
					if offer, _ := one.Current().Offer(id); offer.Name == name {
						break
					}
					time.Sleep(5 * time.Millisecond)
				}
			}
			longest = max(longest, time.Since(committed))
			time.Sleep(time.Until(next))
		}
		all := usedCPU(b) - spent - editing
		b.ReportMetric(float64(all.Microseconds())/1000/edits/processes, "cpu-ms/edit")
		b.ReportMetric(float64(longest.Microseconds())/1000, "longest-ms")
		b.ReportMetric(time.Since(began).Seconds(), "s")
	}
	b.ReportMetric(float64(idle.Microseconds())/1000/processes, "idle-cpu-ms/s")
}
