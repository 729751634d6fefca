package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

func TestOneProcessSweepsAtATime(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	first, err := b.BeginSweep(t.Context())
	require.NoError(t, err)
	require.NotNil(t, first)
	second, err := b.BeginSweep(t.Context())
	require.NoError(t, err)
	require.Nil(t, second)
	require.NoError(t, first.End())
	second, err = b.BeginSweep(t.Context())
	require.NoError(t, err)
	require.NotNil(t, second)
	require.NoError(t, second.End())
}

func TestASweepWhoseSessionHasEndedReleasesTheLock(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	first, err := b.BeginSweep(t.Context())
	require.NoError(t, err)
	b.exec(`SELECT pg_terminate_backend(pid, 20000) FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE locktype = 'advisory' AND datname = current_database() AND pid <> pg_backend_pid()`)
	_, err = first.Waiting(t.Context(), attribution.Wait{}, 1)
	require.Error(t, err)
	second, err := b.BeginSweep(t.Context())
	require.NoError(t, err)
	require.NotNil(t, second)
	require.NoError(t, second.End())
	require.NoError(t, first.End())
}

func TestPagesOfWaitsNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	want := map[uuid.UUID]bool{}
	for i := range 25 {
		id := uuid.New()
		want[id] = true
		b.exec(`INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until) VALUES ($1, 1, $2, $3)`,
			b.idAt(noon.Add(time.Duration(i/5)*time.Second)), id, noon.Add(time.Duration(i%3)*time.Second))
	}
	b.exec(`INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until) VALUES ($1, 1, $1, $2)`,
		b.idAt(noon), noon.Add(time.Hour))
	sweep, err := b.BeginSweep(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sweep.End()) })

	read := func(page func(attribution.Wait) ([]attribution.Wait, error)) map[uuid.UUID]bool {
		found := map[uuid.UUID]bool{}
		for last := (attribution.Wait{}); ; {
			waits, err := page(last)
			require.NoError(t, err)
			if len(waits) == 0 {
				return found
			}
			for _, wait := range waits {
				require.False(t, found[wait.HitID], "repeated")
				found[wait.HitID] = true
			}
			last = waits[len(waits)-1]
		}
	}
	require.Equal(t, want, read(func(after attribution.Wait) ([]attribution.Wait, error) {
		return sweep.Due(t.Context(), noon.Add(time.Minute), after, 4)
	}))
	require.Len(t, read(func(after attribution.Wait) ([]attribution.Wait, error) {
		return sweep.Waiting(t.Context(), after, 4)
	}), len(want)+1)
}

func TestOnlyWorkersThatReportWithoutAGapAreSteady(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	const gap = 30 * time.Second
	steady := func() int {
		t.Helper()
		sweep, err := b.BeginSweep(t.Context())
		require.NoError(t, err)
		state, err := sweep.State(t.Context(), gap, 2*time.Minute)
		require.NoError(t, err)
		require.NoError(t, sweep.End())
		return state.SteadyWorkers
	}
	worker := uuid.New()
	report := func() { require.NoError(t, b.ReportWorker(t.Context(), worker, gap)) }
	pass := func(time string) {
		b.exec(`UPDATE workers SET seen_at = seen_at - $1::interval, steady_since = steady_since - $1::interval`, time)
	}
	report()
	require.Zero(t, steady(), "it has just begun")
	for range 5 {
		pass("25 seconds")
		report()
	}
	require.Equal(t, 1, steady())
	pass("35 seconds")
	require.Zero(t, steady(), "it is silent")
	report()
	require.Zero(t, steady(), "it was silent")
	pass("2 days")
	worker = uuid.New()
	report()
	require.Equal(t, 1, b.count("workers"))
}
