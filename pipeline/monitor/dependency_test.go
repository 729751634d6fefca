package monitor_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/monitor"
)

func TestMetricsShowWhichServerIsDown(t *testing.T) {
	metrics := monitor.NewMetrics()
	var broker error
	metrics.WatchDependencies(map[string]monitor.Check{
		"postgres": func(context.Context) (string, error) { return "", nil },
		"rabbitmq": func(context.Context) (string, error) { return "", broker },
	})
	up := func() string {
		_, body := get(t, metrics.Handler(nil), "/metrics")
		return body
	}
	require.Contains(t, up(), `integr8_dependency_up{dependency="rabbitmq"} 1`)
	broker = errors.New("away")
	require.Contains(t, up(), `integr8_dependency_up{dependency="rabbitmq"} 0`)
	require.Contains(t, up(), `integr8_dependency_up{dependency="postgres"} 1`)
}

func TestMetricsShowWhatAWorkerHoldsAndWhy(t *testing.T) {
	metrics, held := monitor.NewMetrics(), ""
	metrics.WatchHold([]string{"postgres", "rabbitmq"}, func() string { return held })
	metrics.WatchFlows(func() map[string]monitor.Flow {
		return map[string]monitor.Flow{"clicks": {Hits: 12, Redelivered: 3}}
	})
	metrics.ShowBuild(monitor.Build{Version: "v1", Revision: "abc", Go: "go1.26"})
	_, body := get(t, metrics.Handler(nil), "/metrics")
	for _, line := range []string{
		`integr8_held{server="postgres"} 0`, `integr8_held{server="rabbitmq"} 0`,
		`integr8_in_flight_hits{queue="clicks"} 12`, `integr8_redelivered_total{queue="clicks"} 3`,
		`integr8_build_info{go_version="go1.26",revision="abc",version="v1"} 1`,
	} {
		require.Contains(t, body, line)
	}
	held = "postgres"
	_, body = get(t, metrics.Handler(nil), "/metrics")
	require.Contains(t, body, `integr8_held{server="postgres"} 1`)
	require.Contains(t, body, `integr8_held{server="rabbitmq"} 0`)
}

func TestFiguresOfTheSystemHaveNoSeriesBeforeTheyWereRead(t *testing.T) {
	metrics := monitor.NewMetrics()
	system := metrics.AddSystem("waiting", "partitions")
	_, body := get(t, metrics.Handler(nil), "/metrics")
	for _, name := range []string{"integr8_dead_letters{", "integr8_unaccounted_hits ", "integr8_waiting_postbacks ", "integr8_partitions_ahead{"} {
		require.NotContains(t, body, name)
	}
	system.DeadLetters(map[monitor.DeadLetterLabels]int64{{Status: "open", Reason: "expired"}: 4})
	system.Unaccounted(0)
	system.Waiting(7)
	system.DaysAhead("hits", 6)
	system.Read("waiting", time.UnixMilli(1500))
	_, body = get(t, metrics.Handler(nil), "/metrics")
	for _, line := range []string{
		`integr8_dead_letters{reason="expired",status="open"} 4`, "integr8_unaccounted_hits 0", "integr8_waiting_postbacks 7",
		`integr8_figures_timestamp_seconds{figures="partitions"} 0`,
		`integr8_partitions_ahead{table="hits"} 6`, `integr8_figures_timestamp_seconds{figures="waiting"} 1.5`,
	} {
		require.Contains(t, body, line)
	}
}
