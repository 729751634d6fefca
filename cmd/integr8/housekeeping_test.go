package main

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/monitor"
)

func (s *system) housekeeping(logged *bytes.Buffer) *housekeeping {
	return &housekeeping{store: s.store, logger: slog.New(slog.NewTextHandler(logged, nil)), metrics: monitor.NewMetrics(),
		lateClicks: 24 * time.Hour, now: time.Now}
}

func TestHousekeepingDropsByTheDatabasesClockAndSaysSo(t *testing.T) {
	s := prepareSystem(t)
	old := time.Now().Add(-60 * 24 * time.Hour)
	s.insertClick(s.keys.Mint(old), old)
	recent := time.Now().Add(-33 * 24 * time.Hour)
	s.insertClick(s.keys.Mint(recent), recent)
	var logged bytes.Buffer
	h := s.housekeeping(&logged)

	require.NoError(t, h.round(t.Context()))
	require.Equal(t, 2, s.count("clicks"), "kept for ever unless something else is set")

	code, _, stderr := s.command("retention", "set", "--hits", "40d")
	require.Equal(t, exitOK, code, stderr)
	h.now = func() time.Time { return time.Now().Add(40 * 24 * time.Hour) }
	h.tell(h.round(t.Context()))
	h.tell(h.round(t.Context()))
	require.Equal(t, 1, bytes.Count(logged.Bytes(), []byte("level=WARN")), "a problem that lasts is told once: %s", &logged)
	require.Contains(t, logged.String(), "nothing is dropped while the database's clock and this worker's differ")
	require.Equal(t, 2, s.count("clicks"))

	h.now = time.Now
	_, err := s.db.Exec("UPDATE offers SET window_seconds = 100 * 86400")
	require.NoError(t, err)
	require.ErrorContains(t, h.round(t.Context()), "nothing is dropped", "whoever widened a window past the check")
	_, findings := s.doctor()
	require.Contains(t, findings["retention"][0].What, "nothing is dropped")
	_, err = s.db.Exec("UPDATE offers SET window_seconds = 30 * 86400")
	require.NoError(t, err)

	h.tell(h.round(t.Context()))
	require.Equal(t, 1, s.count("clicks"), "the day of 60 days ago is gone, that of 33 stays")
	require.Contains(t, logged.String(), `msg="dropped a day by retention" table=clicks day=`+old.UTC().Format(time.DateOnly)+" kept=40d")
	_, findings = s.doctor()
	require.Empty(t, findings["retention"])

	var report struct {
		Dropped []string `json:"dropped_days"`
	}
	s.answers(&report, "report", "--from", "90d")
	require.Contains(t, report.Dropped, old.UTC().Format(time.DateOnly))
	require.NotContains(t, report.Dropped, recent.UTC().Format(time.DateOnly))
	for _, kind := range []string{"--by=day", "--reasons", "--conflicts"} {
		require.Contains(t, s.commandOutput("report", "--from", "90d", kind), "which retention has dropped; conversions are all there")
	}
	require.NotContains(t, s.commandOutput("report"), "dropped")

	s.variables["INTEGR8_RETENTION"] = "1h"
	_, findings = s.doctor()
	require.Contains(t, findings["settings"][0].What, "INTEGR8_RETENTION is set, and has no effect")
}
