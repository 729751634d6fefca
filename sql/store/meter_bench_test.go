package store_test

import (
	"database/sql"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/procfs"
	"github.com/stretchr/testify/require"
)

// meter measures the CPU time of a benchmark: in the client
// between each start and stop, and in Postgres when that runs on the same
// machine. Unlike wall-clock time, it hardly depends on other load on the machine.
type meter struct {
	b       *testing.B
	address string
	began   time.Duration
	client  time.Duration
	before  map[int]time.Duration
}

func newMeter(b *testing.B, address string) *meter {
	m := &meter{b: b, address: address}
	m.before = m.backends()
	return m
}

func (m *meter) start() { m.began = m.ownTime() }

func (m *meter) stop() { m.client += m.ownTime() - m.began }

func (m *meter) report(hits int) {
	total := float64(m.b.N * hits)
	m.b.ReportMetric(float64(m.client.Nanoseconds())/1e3/total, "client-µs/hit")
	var spent time.Duration
	for pid, used := range m.backends() {
		spent += used - m.before[pid]
	}
	if spent > 0 {
		m.b.ReportMetric(float64(spent.Nanoseconds())/1e3/total, "postgres-µs/hit")
	}
}

func (m *meter) ownTime() time.Duration {
	var usage syscall.Rusage
	require.NoError(m.b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// backends returns what each process that serves the benchmark's database has
// used. It is empty when Postgres' processes are not visible here.
func (m *meter) backends() map[int]time.Duration {
	db, err := sql.Open("postgres", m.address)
	require.NoError(m.b, err)
	defer func() { require.NoError(m.b, db.Close()) }()
	rows, err := db.Query(`SELECT pid FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
	require.NoError(m.b, err)
	defer rows.Close()
	used := map[int]time.Duration{}
	for rows.Next() {
		var pid int
		require.NoError(m.b, rows.Scan(&pid))
		process, err := procfs.NewProc(pid)
		if err != nil {
			continue
		}
		if name, err := process.Comm(); err != nil || name != "postgres" {
			continue
		}
		if spent, err := process.Schedstat(); err == nil {
			used[pid] = time.Duration(spent.RunningNanoseconds)
		}
	}
	require.NoError(m.b, rows.Err())
	return used
}
