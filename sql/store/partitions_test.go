package store_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// dropDays drops days and returns the dropped partitions.
func (b *books) dropDays(before time.Time) []string {
	b.t.Helper()
	var gone []string
	require.NoError(b.t, b.DropDays(b.t.Context(), before, func(day store.Day) { gone = append(gone, day.Partition()) }))
	return gone
}

// hold opens a transaction that reads a table until it is released, as a backup does.
func (b *books) hold(table string) (release func()) {
	b.t.Helper()
	tx, err := b.db.BeginTxx(context.Background(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	require.NoError(b.t, err)
	_, err = tx.Exec("SELECT FROM " + table + " LIMIT 1")
	require.NoError(b.t, err)
	return sync.OnceFunc(func() { require.NoError(b.t, tx.Rollback()) })
}

const lockWaiters = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

// ensureDay makes the partitions of a day.
func ensureDay(t testing.TB, db *sqlx.DB, day time.Time) {
	t.Helper()
	for _, table := range []string{"clicks", "hits"} {
		_, err := db.Exec("SELECT ensure_partition($1, $2, $3, $4)", table, table+day.Format("_20060102"),
			token.FirstID(day), token.FirstID(day.AddDate(0, 0, 1)))
		require.NoError(t, err)
	}
}

func TestPartitionsAreMadeAndDroppedDuringABackupWithoutWaiting(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	ensureDay(t, b.db, today.AddDate(0, 0, -50))
	b.write(b.clickRecord(today.AddDate(0, 0, -50).Add(time.Hour)))
	b.exec("DROP TABLE clicks_" + today.AddDate(0, 0, 5).Format("20060102"))
	release := b.hold("clicks")
	defer release()
	releaseHits := b.hold("hits")
	defer releaseHits()

	var housekeeping sync.WaitGroup
	ended := make(chan struct{})
	housekeeping.Go(func() {
		defer close(ended)
		for range 2 {
			require.NoError(t, b.EnsurePartitions(t.Context()))
			require.True(t, store.IsLocked(b.DropDays(t.Context(), today.AddDate(0, 0, -40), func(store.Day) {})))
		}
	})
	// Everything continues to be read and written meanwhile, and only the drop may wait
	// in the server's queues.
	for running := true; running; {
		select {
		case <-ended:
			running = false
		default:
		}
		record := b.clickRecord(time.Now())
		b.write(record)
		b.requireClick(record)
		require.LessOrEqual(t, b.count(lockWaiters+" AND query NOT LIKE 'ALTER TABLE%DETACH%'"), 0)
		require.LessOrEqual(t, b.count(lockWaiters), 1)
	}
	housekeeping.Wait()
	missing, err := b.MissingPartitions(t.Context(), today, 7)
	require.NoError(t, err)
	require.Empty(t, missing, "made during the backup")

	release()
	releaseHits()
	name := today.AddDate(0, 0, -50).Format("20060102")
	require.Equal(t, []string{"clicks_" + name, "hits_" + name}, b.dropDays(today.AddDate(0, 0, -40)), "the rest is done when the backup is over")
	require.Zero(t, b.count("pg_class WHERE relname IN ('clicks_"+name+"', 'hits_"+name+"')"))
	days, err := b.DroppedDays(t.Context(), today.AddDate(0, 0, -60), today)
	require.NoError(t, err)
	require.Equal(t, []time.Time{today.AddDate(0, 0, -50)}, days)
	require.Empty(t, b.dropDays(today.AddDate(0, 0, -40)))
}

func TestMakingAPartitionUnderTrafficRefusesNoRow(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	const creations, writers = 30, 4
	first := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range creations {
		day := first.AddDate(0, 0, n)
		b.write(b.clickRecord(day.Add(time.Minute)))
		// The partition is made only after rows of its day have come.
		var writing sync.WaitGroup
		for w := range writers {
			record := b.clickRecord(day.AddDate(0, 0, 1).Add(time.Duration(w) * time.Second))
			writing.Go(func() { require.NoError(t, b.Write(t.Context(), []*attribution.Record{record})) })
		}
		ensureDay(t, b.db, day.AddDate(0, 0, 1))
		writing.Wait()
	}
	require.Equal(t, creations*(1+writers), b.count("clicks"))
	require.Equal(t, creations*(1+writers), b.count("hits"))
}

func TestIdsOfClocksThatAreYearsOffHaveAPlace(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for _, year := range []int{1970, 2019, 2020, 2099, 2100, 9999} {
		record := b.clickRecord(time.Date(year, 1, 1, 1, 0, 0, 0, time.UTC))
		b.write(record)
		b.requireClick(record)
	}
	require.Equal(t, 2, b.count("clicks_before_2020"))
	require.Equal(t, 2, b.count("hits_from_2100"))
	stray, err := b.StrayRows(t.Context(), time.Now())
	require.NoError(t, err)
	require.Equal(t, []string{"clicks_before_2020", "clicks_from_2100", "hits_before_2020", "hits_from_2100",
		"clicks_20990101", "hits_20990101"}, stray)
}

func TestADayToWhichAWaitingPostbackPointsStays(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	clickDay := noon.Truncate(24 * time.Hour)
	hitDay := clickDay.AddDate(0, 0, 3)
	for day := clickDay; !day.After(hitDay); day = day.AddDate(0, 0, 1) {
		ensureDay(t, b.db, day)
	}
	b.exec("INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until) VALUES ($1, 1, $2, now())",
		b.idAt(noon), b.idAt(noon.AddDate(0, 0, 3)))
	require.Equal(t, []string{"hits_20260314", "clicks_20260315", "hits_20260315", "clicks_20260316", "hits_20260316", "clicks_20260317"},
		b.dropDays(hitDay.AddDate(0, 0, 1)))
	require.Equal(t, 1, b.count("pg_class WHERE relname = 'clicks_20260314' AND relispartition"))
	require.Equal(t, 1, b.count("pg_class WHERE relname = 'hits_20260317' AND relispartition"))

	// The postback began to wait when its day was already detached, and then the process
	// died.
	b.exec("ALTER TABLE clicks DETACH PARTITION clicks_20260314")
	b.exec("INSERT INTO dropped_days (parent, day) VALUES ('clicks', '2026-03-14')")
	require.Empty(t, b.dropDays(hitDay.AddDate(0, 0, 1)))
	require.Equal(t, 1, b.count("pg_class WHERE relname = 'clicks_20260314' AND relispartition"), "it has its day back")
	days, err := b.DroppedDays(t.Context(), clickDay, clickDay.AddDate(0, 0, 1))
	require.NoError(t, err)
	require.Equal(t, []time.Time{clickDay}, days, "its hits were dropped")

	b.exec("DELETE FROM waiting_postbacks")
	require.Equal(t, []string{"clicks_20260314", "hits_20260317"}, b.dropDays(hitDay.AddDate(0, 0, 1)))
}

func TestAStatementThatIsGivenUpLeavesTheServersQueue(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	bounded, err := store.OpenBounded(b.url, 2*time.Second)
	require.NoError(t, err)
	defer bounded.Close()
	tx, err := b.db.Beginx()
	require.NoError(t, err)
	defer tx.Rollback()
	_, err = tx.Exec("LOCK TABLE clicks, hits, offers, dead_letters IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)

	record := b.clickRecord(time.Now())
	id := []token.TransactionID{record.Hit.TransactionID}
	for name, statement := range map[string]func(ctx context.Context) error{
		"deciding":    func(ctx context.Context) error { _, err := bounded.Clicks(ctx, id); return err },
		"writing":     func(ctx context.Context) error { return bounded.Write(ctx, []*attribution.Record{record}) },
		"reference":   func(ctx context.Context) error { _, err := bounded.LoadSnapshot(ctx); return err },
		"operators":   func(ctx context.Context) error { _, err := bounded.Trace(ctx, uuid.New()); return err },
		"partitions":  func(ctx context.Context) error { return bounded.EnsureDay(ctx, "clicks", time.Now().AddDate(1, 0, 0)) },
		"dead letter": func(ctx context.Context) error { _, err := bounded.DeadReasons(ctx, dead.Filter{}); return err },
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, statement(t.Context()), "its own bound")
			require.Eventually(t, func() bool { return b.count(lockWaiters) == 0 }, patience, 10*time.Millisecond)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				for b.count(lockWaiters) == 0 && ctx.Err() == nil {
				}
				cancel()
			}()
			require.Error(t, statement(ctx), "its context's end")
			cancel()
			require.Eventually(t, func() bool { return b.count(lockWaiters) == 0 }, patience, 10*time.Millisecond)
		})
	}
}

// TestADayWaitsItsTurn: a session that makes another day, or drops one, for longer than the
// lock_timeout fails no hit of a new day.
func TestADayWaitsItsTurn(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	other, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	_, err = other.Exec("LOCK TABLE ONLY hits IN SHARE UPDATE EXCLUSIVE MODE")
	require.NoError(t, err)
	written := make(chan error, 1)
	go func() { written <- b.Write(t.Context(), []*attribution.Record{b.clickRecord(noon.AddDate(0, 1, 0))}) }()
	// It waits, and comes back after a lock_timeout: two waits that began at different times.
	var first time.Time
	const waitsSince = `SELECT coalesce(min(query_start), 'epoch') FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%ensure_partition%'`
	require.Eventually(t, func() bool {
		var since time.Time
		require.NoError(t, b.db.Get(&since, waitsSince))
		if first.IsZero() && since.Unix() > 0 {
			first = since
		}
		return !first.IsZero() && since.After(first)
	}, patience, time.Millisecond)
	require.NoError(t, other.Rollback())
	require.NoError(t, <-written)
}

func TestDaysAheadEndAtTheFirstGap(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	require.NoError(t, b.EnsurePartitions(t.Context()))
	ahead := func() map[string]int {
		days, err := b.DaysAhead(t.Context())
		require.NoError(t, err)
		return days
	}
	require.Equal(t, map[string]int{"clicks": 7, "hits": 7}, ahead())
	now, err := b.Now(t.Context())
	require.NoError(t, err)
	b.exec("DROP TABLE hits_" + now.UTC().AddDate(0, 0, 3).Format("20060102"))
	require.Equal(t, map[string]int{"clicks": 7, "hits": 2}, ahead())
	b.exec("DROP TABLE clicks_" + now.UTC().Format("20060102"))
	require.Equal(t, map[string]int{"clicks": -1, "hits": 2}, ahead())
}
