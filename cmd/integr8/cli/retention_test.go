package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRetentionIsRefusedBelowTheTimeInWhichClicksAreNeeded(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	show := func() map[string]float64 {
		t.Helper()
		var views []map[string]any
		s.answers(&views, "retention", "show")
		kept := map[string]float64{}
		for _, view := range views {
			kept[view["name"].(string)] = view["seconds"].(float64) / 86400
		}
		return kept
	}
	require.Equal(t, map[string]float64{"hits": 0, "closed_dead_letters": 90, "unknown_token_dead_letters": 30}, show())

	code, _, stderr := s.command("retention", "set", "--hits", "30d", "--closed-dead-letters", "7d")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "attribution window of 30d and the late-click window of 1d")
	require.Contains(t, stderr, "integr8 retention set --hits 31d")
	require.Equal(t, 90., show()["closed_dead_letters"], "all or none")

	code, _, stderr = s.command("retention", "set", "--hits", "31d")
	require.Equal(t, exitOK, code, stderr)
	require.Equal(t, 31., show()["hits"])

	code, _, stderr = s.command("offer", "edit", number(s.Offer), "--window", "31d")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "hint: keep clicks and hits longer, `integr8 retention set --hits 32d")
	code, _, _ = s.command("offer", "create", "--account", number(s.ID), "--advertiser", "1", "--name", "Wide", "--currency", "USD",
		"--destination", "https://shop.example/?c={transaction_id}", "--payout", "1", "--revenue", "2", "--window", "60d")
	require.Equal(t, exitFailed, code)
	code, _, stderr = s.command("offer", "edit", number(s.Offer), "--window", "29d")
	require.Equal(t, exitOK, code, stderr)

	s.variables["INTEGR8_LATE_CLICKS"] = "48h"
	code, _, _ = s.command("retention", "set", "--hits", "30d")
	require.Equal(t, exitFailed, code, "the late-click window counts")
	code, _, _ = s.command("retention", "set")
	require.Equal(t, exitUsage, code)
	code, _, stderr = s.command("retention", "set", "--hits", "0")
	require.Equal(t, exitOK, code, stderr)
	require.Zero(t, show()["hits"])
}
