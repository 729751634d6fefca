package monitor_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/monitor"
)

func get(t *testing.T, handler http.Handler, path string) (int, string) {
	t.Helper()
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.Code, string(body)
}

func TestReadyzNamesWhatIsMissing(t *testing.T) {
	broken, remark := errors.New("the broker cannot be reached"), ""
	handler := monitor.NewMetrics().Handler(map[string]monitor.Check{
		"broker":    func(context.Context) (string, error) { return "", broken },
		"reference": func(context.Context) (string, error) { return remark, nil },
	})
	code, body := get(t, handler, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Equal(t, "broker: the broker cannot be reached\n", body)

	broken = nil
	code, body = get(t, handler, "/readyz")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "ready\n", body)

	remark = "from disk"
	code, body = get(t, handler, "/readyz")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "ready\nreference: from disk\n", body)
	broken = errors.New("gone")
	code, body = get(t, handler, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Equal(t, "broker: gone\nreference: from disk\n", body)

	code, _ = get(t, handler, "/healthz")
	require.Equal(t, http.StatusOK, code)
}

func TestMetricsShowWhatHappened(t *testing.T) {
	accepted := monitor.RequestLabels{Kind: "postback", Result: "accepted", Status: 200}
	repeat := monitor.OutcomeLabels{Kind: "postback", Outcome: "duplicate", Reason: "duplicate_other_url"}
	metrics := monitor.NewMetrics()
	metrics.AddDoors([]monitor.RequestLabels{accepted}, []monitor.JunkLabels{{Why: "surplus"}})
	metrics.AddWorker(monitor.WorkerLabels{
		Outcomes: []monitor.OutcomeLabels{repeat}, Queues: []string{"postbacks"}, Classes: []string{"none", "outage"},
		Committed: []string{"clicks"}, Kinds: []string{"postback"}, Results: []string{"converted", "failed"},
	})
	metrics.Request(accepted, time.Millisecond)
	metrics.Outcome(repeat)
	metrics.Attempt("postbacks", "none", time.Millisecond)
	metrics.Message("postbacks", 3)
	metrics.Commit("postbacks", 5, time.Millisecond)
	metrics.FirstCommit("postback", 90*time.Millisecond)
	metrics.FirstCommit("postback", -time.Hour)
	metrics.Replayed("converted")
	metrics.TokenLeak()
	var failing error
	metrics.WatchQueues(func(context.Context) ([]monitor.Depth, error) {
		return []monitor.Depth{{Queue: "postbacks", Messages: 7, Consumers: 2}}, failing
	})
	_, body := get(t, metrics.Handler(nil), "/metrics")
	for _, line := range []string{
		`integr8_requests_total{kind="postback",refusal="",result="accepted",status="200"} 1`,
		`integr8_outcomes_total{kind="postback",outcome="duplicate",reason="duplicate_other_url"} 1`,
		`integr8_attempts_total{class="none",queue="postbacks"} 1`,
		`integr8_batch_hits_sum{queue="postbacks"} 3`,
		`integr8_commit_hits_sum{queue="postbacks"} 5`,
		`integr8_last_commit_timestamp_seconds{queue="clicks"} 0`,
		`integr8_last_commit_timestamp_seconds{queue="postbacks"} 1.`, // some time in this century
		`integr8_received_to_committed_seconds_bucket{kind="postback",le="0.0005"} 1`,
		`integr8_received_to_committed_seconds_sum{kind="postback"} 0.09`,
		`integr8_replayed_total{outcome="converted"} 1`,
		`integr8_replayed_total{outcome="failed"} 0`,
		`integr8_attempts_total{class="outage",queue="postbacks"} 0`,
		`integr8_junk_total{refusal="",why="surplus"} 0`,
		`integr8_token_leaks_total 1`,
		`integr8_queue_messages{queue="postbacks"} 7`,
		`integr8_queue_consumers{queue="postbacks"} 2`,
		`integr8_queues_visible 1`,
	} {
		require.Contains(t, body, line)
	}
	failing = errors.New("gone")
	_, body = get(t, metrics.Handler(nil), "/metrics")
	require.Contains(t, body, `integr8_queues_visible 0`)
}

func TestMetricsShowTheSpool(t *testing.T) {
	metrics, free := monitor.NewMetrics(), int64(1000)
	metrics.WatchSpool(func() monitor.Spool {
		return monitor.Spool{Hits: 3, Bytes: 4096, Bound: 8192, Free: free, Oldest: 1500 * time.Millisecond, Appended: 7, Drained: 4, Cut: 1}
	})
	_, body := get(t, metrics.Handler(nil), "/metrics")
	for _, line := range []string{
		"integr8_spool_hits 3", "integr8_spool_bytes 4096", "integr8_spool_oldest_seconds 1.5",
		"integr8_spool_appended_total 7", "integr8_spool_drained_total 4", "integr8_spool_cut_total 1",
		"# TYPE integr8_spool_drained_total counter", "integr8_spool_bound_bytes 8192", "integr8_spool_free_bytes 1000",
	} {
		require.Contains(t, body, line)
	}
	free = -1 // not known
	_, body = get(t, metrics.Handler(nil), "/metrics")
	require.NotContains(t, body, "integr8_spool_free_bytes")
}

func TestMetricsShowTheConnections(t *testing.T) {
	metrics := monitor.NewMetrics()
	metrics.WatchConnections(func() monitor.Connections {
		return monitor.Connections{Open: 3, Bound: 4096, Bytes: 700, Evicted: 5}
	})
	_, body := get(t, metrics.Handler(nil), "/metrics")
	for _, line := range []string{
		"integr8_connections 3", "integr8_connections_bound 4096", "integr8_under_way_bytes 700", "integr8_connections_evicted_total 5",
	} {
		require.Contains(t, body, line)
	}
}
