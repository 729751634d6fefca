package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/sql/store"
)

func TestDaysThatRetentionHasDroppedAreReportedAsSuch(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	old := time.Now().Add(-60 * 24 * time.Hour)
	s.insertClick(s.keys.Mint(old), old)
	recent := time.Now().Add(-33 * 24 * time.Hour)
	s.insertClick(s.keys.Mint(recent), recent)
	code, _, stderr := s.command("retention", "set", "--hits", "40d")
	require.Equal(t, exitOK, code, stderr)

	_, err := s.db.Exec("UPDATE offers SET window_seconds = 100 * 86400")
	require.NoError(t, err)
	_, findings := s.doctor()
	require.Contains(t, findings["retention"][0].What, "nothing is dropped")
	_, err = s.db.Exec("UPDATE offers SET window_seconds = 30 * 86400")
	require.NoError(t, err)

	require.NoError(t, s.store.DropDays(t.Context(), time.Now().Add(-40*24*time.Hour), func(store.Day) {}))
	_, findings = s.doctor()
	require.Empty(t, findings["retention"])
	var report struct {
		Dropped []string `json:"dropped_days"`
	}
	s.answers(&report, "report", "--from", "90d", "--by", "sub_id")
	require.Contains(t, report.Dropped, old.UTC().Format(time.DateOnly))
	require.NotContains(t, report.Dropped, recent.UTC().Format(time.DateOnly))
	for _, kind := range []string{"--by=sub_id", "--conflicts"} {
		require.Contains(t, s.commandOutput("report", "--from", "90d", kind), "which retention has dropped; conversions are all there")
	}
	require.NotContains(t, s.commandOutput("report", "--by=sub_id"), "dropped", "30 days are kept")
	require.NotContains(t, s.commandOutput("report", "--from", "90d"), "dropped", "roll-ups are kept")

	s.variables["INTEGR8_RETENTION"] = "1h"
	_, findings = s.doctor()
	require.Contains(t, findings["settings"][0].What, "INTEGR8_RETENTION is set, and has no effect")
}
