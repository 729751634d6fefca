package queues

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/monitor"
)

func TestAProcessThatIsSetUpOtherwiseThanMostSaysSo(t *testing.T) {
	t.Parallel()
	waiting := int64(7)
	worker := func(name, lateClicks string) monitor.Status {
		return monitor.Status{Process: name, Roles: []string{"worker"}, Version: "v2", Settings: map[string]string{"INTEGR8_LATE_CLICKS": lateClicks}}
	}
	odd := worker("c:3", "1h0m0s")
	odd.Held = &monitor.Held{Server: "the database", For: 3 * time.Second}
	odd.Topics = map[string]monitor.Work{"clicks": {Hits: 2}, "postbacks": {Hits: 3}}
	receiver := monitor.Status{Process: "a:9", Roles: []string{"receiver"}, Spooled: &waiting, Settings: map[string]string{"INTEGR8_SPOOL_AFTER": "1s"}}
	old := monitor.Status{Process: "z:1"}
	processes := processesOf([]monitor.Status{odd, worker("b:2", "24h0m0s"), receiver, worker("b:1", "24h0m0s"), old})
	names := make([]string, len(processes))
	for i, process := range processes {
		names[i] = process.Name
	}
	require.Equal(t, []string{"z:1", "a:9", "b:1", "b:2", "c:3"}, names)
	require.Equal(t, []string{"INTEGR8_LATE_CLICKS is 1h0m0s here and 24h0m0s with most others"}, processes[4].Differs)
	require.Equal(t, "database", processes[4].HeldBy)
	require.Equal(t, 5, processes[4].InFlight)
	for _, same := range processes[:4] {
		require.Empty(t, same.Differs, same.Name)
	}
	require.EqualValues(t, 7, *processes[1].Spooled)
}
