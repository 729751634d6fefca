package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/report"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// manyDays makes the partitions of many days.
func (b *books) manyDays(from time.Time, days int) {
	b.t.Helper()
	for _, table := range []string{"clicks", "hits"} {
		b.exec(fmt.Sprintf(`DO $$
			DECLARE day timestamptz;
			BEGIN
				FOR n IN 0..%d LOOP
					day := timestamptz '%s' + n * interval '24 hours';
					PERFORM ensure_partition('%[3]s', to_char(day AT TIME ZONE 'UTC', '"%[3]s_"YYYYMMDD'),
						(lpad(to_hex((extract(epoch FROM day) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid,
						(lpad(to_hex((extract(epoch FROM day + interval '24 hours') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid);
				END LOOP;
			END $$`, days-1, from.UTC().Format(time.RFC3339), table))
	}
}

func TestIdsOfEveryEraAreFound(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	var records []*attribution.Record
	for _, at := range []time.Time{
		{}, time.Date(2019, 12, 31, 23, 59, 59, 999e6, time.UTC), time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		today.AddDate(0, 0, -100), today.AddDate(0, 0, -64), today.AddDate(0, 0, -63), today.AddDate(0, 0, -33), today.AddDate(0, 0, -31),
		today, today.AddDate(0, 0, 3), today.AddDate(50, 0, 0), today.AddDate(200, 0, 0),
	} {
		if at.IsZero() {
			at = time.UnixMilli(0)
		}
		// The first and the last millisecond of an era, too.
		const era = 32 * 24 * time.Hour
		begin := time.UnixMilli(at.UnixMilli() / era.Milliseconds() * era.Milliseconds())
		for _, near := range []time.Time{at, begin, begin.Add(era - time.Millisecond)} {
			records = append(records, b.clickRecord(near))
		}
	}
	b.write(records...)
	ids := make([]token.TransactionID, len(records))
	for i, record := range records {
		ids[i] = record.Hit.TransactionID
	}
	found, err := b.Clicks(t.Context(), ids)
	require.NoError(t, err)
	require.Len(t, found, len(records))
	b.write(records...)
	require.Equal(t, len(records), b.count("hits"), "each is found as decided before")
}

func TestStatementsLockOnlyTheDaysThatMayMatter(t *testing.T) {
	t.Parallel()
	const days = 400
	b := openBooks(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	b.manyDays(today.AddDate(0, 0, -days), days)
	partitions := b.count("pg_class WHERE relkind = 'r' AND relname ~ '^(clicks|hits)_'")
	require.Greater(t, partitions, 2*days)

	margin, err := b.LockMargin(t.Context())
	require.NoError(t, err)
	require.Greater(t, margin.Relations, int64(2*partitions), "each with its indexes")
	require.Greater(t, margin.Locks, int64(0))

	old := b.clickRecord(today.AddDate(0, 0, -300))
	b.write(old)
	recent, waiting := b.clickRecord(time.Now()), b.clickRecord(time.Now())
	b.exec("INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until) VALUES ($1, 1, $2, now())",
		waiting.Hit.TransactionID.UUID(), recent.Hit.ID)

	// A plan for all days has more than two thousand locks. One for an era, with the two
	// months before today, has about seventy a table, and an index or two for each
	// partition that is searched; a trace has other tables besides.
	const most = 280
	for name, statement := range map[string]func() error{
		"deciding, recent": func() error {
			_, err := b.Clicks(t.Context(), []token.TransactionID{recent.Hit.TransactionID})
			return err
		},
		"deciding, old": func() error {
			_, err := b.Clicks(t.Context(), []token.TransactionID{old.Hit.TransactionID, recent.Hit.TransactionID})
			return err
		},
		"writing":       func() error { return b.Write(t.Context(), []*attribution.Record{recent}) },
		"writing again": func() error { return b.Write(t.Context(), []*attribution.Record{recent, old}) },
		"waiting": func() error {
			_, _, err := b.WaitingFor(t.Context(), []token.TransactionID{waiting.Hit.TransactionID}, uuid.Nil)
			return err
		},
		"sweeping": func() error {
			_, err := b.Requests(t.Context(), []attribution.Wait{{TransactionID: waiting.Hit.TransactionID.UUID(), HitID: recent.Hit.ID}})
			return err
		},
		"sweeping the stale": func() error {
			_, err := b.DropStaleWaits(t.Context(), []attribution.Wait{{TransactionID: uuid.New(), HitID: recent.Hit.ID}})
			return err
		},
		"tracing": func() error {
			_, err := b.Trace(t.Context(), recent.Hit.TransactionID.UUID())
			return err
		},
		"tracing a receipt": func() error {
			_, err := b.Trace(t.Context(), old.Hit.ID)
			return err
		},
		"reporting": func() error {
			_, err := b.Report(t.Context(), report.Filter{From: today.AddDate(0, 0, -30), To: today}, report.BySubID)
			return err
		},
		"examining": func() error {
			_, err := b.UnmatchedWithClick(t.Context())
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.LessOrEqual(t, b.locksOf(t, statement), most)
		})
	}
}

// locksOf runs a statement repeatedly, and returns the most locks on tables and indexes
// that any session held meanwhile. It looks until it has seen the statement.
func (b *books) locksOf(t *testing.T, statement func() error) int {
	t.Helper()
	most := 0
	done := make(chan error, 1)
	stop := make(chan struct{})
	var runs atomic.Int64
	go func() {
		for {
			if err := statement(); err != nil {
				done <- err
				return
			}
			runs.Add(1)
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
		}
	}()
	for looks := 0; looks < 300 || runs.Load() < 50 || most == 0; looks++ {
		select {
		case err := <-done:
			t.Fatal("the statement failed: ", err)
		default:
		}
		var locks []int
		require.Less(t, looks, 200_000, "no statement is seen")
		require.NoError(t, b.db.Select(&locks, `SELECT count(*) FROM pg_locks
			WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
				AND pid <> pg_backend_pid() GROUP BY pid`))
		for _, n := range locks {
			most = max(most, n)
		}
	}
	close(stop)
	require.NoError(t, <-done)
	return most
}

func TestLockMarginHoldsABackupBesideEverySession(t *testing.T) {
	t.Parallel()
	few := doctor.LockMargin{Locks: 6400, Relations: 100, Sessions: 8}
	require.EqualValues(t, 900, store.NeededLocks(few))
	many := doctor.LockMargin{Locks: 6400, Relations: 8000, Sessions: 32}
	require.Greater(t, store.NeededLocks(many), many.Locks)
}
