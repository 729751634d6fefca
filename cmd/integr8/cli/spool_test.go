package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/spools"
)

// TestHitsOfAReceiverThatMovedAreFoundAndDrained changes INTEGR8_ADDR, and with
// it the default directory, while hits wait in the one of before.
func TestHitsOfAReceiverThatMovedAreFoundAndDrained(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_SPOOL_DIR"] = "" // the default
	own, amqpURL := filepath.Join(s.variables["XDG_STATE_HOME"], "integr8", "127.0.0.1_0"), s.variables["AMQP_URL"]
	s.behindProxy("AMQP_URL")
	_, stop := s.startDoors("receive")
	var all sent
	for range 3 {
		s.sendSome(&all)
	}
	shown := func(args ...string) (views []spools.Spool) {
		t.Helper()
		code, stdout, stderr := s.command(append([]string{"spool", "show", "--json"}, args...)...)
		require.Zero(t, code, stderr)
		require.NoError(t, json.Unmarshal([]byte(stdout), &views))
		return views
	}
	views := shown()
	require.Len(t, views, 1)
	require.True(t, views[0].Held)
	require.EqualValues(t, 15, views[0].Hits)
	require.Equal(t, map[string]int64{"clicks": 3, "postbacks": 12}, views[0].Topics)
	code, _, stderr := s.command("spool", "drain", own)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "another process uses this spool directory")
	require.Contains(t, stderr, "hint: its receiver runs and drains it")
	stop()
	require.Contains(t, s.logs.text(), "or: `integr8 spool drain "+own+"`", "it says where its hits wait")

	s.variables["AMQP_URL"] = amqpURL
	s.variables["INTEGR8_ADDR"] = "localhost:0"
	_, stopMoved := s.startDoors("receive")
	require.Eventually(t, func() bool {
		return strings.Contains(s.logs.text(), "hits wait in the spool of a receiver that does not run") &&
			strings.Contains(s.logs.text(), `"dir":"`+own+`","hits":15`)
	}, patience, 5*time.Millisecond)
	_, findings := s.doctor()
	require.Len(t, findings["spool"], 1)
	require.Contains(t, findings["spool"][0].What, "15 hits wait in "+own)
	require.Contains(t, findings["spool"][0].What, "integr8 spool drain "+own)
	require.False(t, shown(own)[0].Held)
	require.Len(t, shown(), 2)

	code, stdout, stderr := s.command("spool", "drain", own, "--json")
	require.Zero(t, code, stderr)
	require.JSONEq(t, `{"drained": 15, "left": 0}`, stdout)
	s.startWorker()
	s.settled(all)
	require.Len(t, shown(), 1)
	_, findings = s.doctor()
	require.Empty(t, findings["spool"])
	stopMoved()
}
