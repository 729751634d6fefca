package cli

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/poll"
)

// exported are the metrics of one process, by name.
type exported map[string]*dto.MetricFamily

// metrics scrapes until the process has seen the queues, which a scrape of a busy
// machine may give up, and an API has read the figures of the system. The collectors of one
// scrape run side by side, so it returns the scrape after the one that says so.
func (s *system) metrics(admin string) exported {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var families exported
	seen := false
	require.NoError(s.t, poll.Until(ctx, 100*time.Millisecond, func() (visible bool, err error) {
		got := s.ask(admin, "/metrics")
		require.Equal(s.t, 200, got.status)
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err = parser.TextToMetricFamilies(strings.NewReader(got.body))
		queues, figures := families["integr8_queues_visible"], families["integr8_figures_timestamp_seconds"]
		before := seen
		seen = (queues == nil || queues.Metric[0].GetGauge().GetValue() == 1) &&
			!slices.ContainsFunc(figures.GetMetric(), func(read *dto.Metric) bool { return read.GetGauge().GetValue() == 0 })
		return before && seen, err
	}))
	return families
}

// ofRuntime reports whether a metric is one of the Go runtime or of the process.
func ofRuntime(name string) bool {
	return strings.HasPrefix(name, "process_") || strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "go_sql_")
}

func (e exported) names() []string {
	var names []string
	for name := range e {
		if !ofRuntime(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// labels are the names of the labels of a metric, in order.
func (e exported) labels(name string) []string {
	var names []string
	for _, label := range e[name].Metric[0].Label {
		names = append(names, label.GetName())
	}
	slices.Sort(names)
	return names
}

// values are what a label of a metric is, over all its series.
func (e exported) values(name, label string) []string {
	var values []string
	for _, series := range e[name].GetMetric() {
		for _, pair := range series.Label {
			if pair.GetName() == label && !slices.Contains(values, pair.GetValue()) {
				values = append(values, pair.GetValue())
			}
		}
	}
	slices.Sort(values)
	return values
}

// roles starts a process of each role and returns what it exports before any hit.
func (s *system) roles() (roles map[string]exported, all exported) {
	s.variables["INTEGR8_REPLICA_URL"] = s.variables["DATABASE_URL"] // no replica, but a look at it has metrics
	return map[string]exported{
		"receivers": s.metrics(s.start("receive", "admin")),
		"workers":   s.metrics(s.start("work", "admin")),
		"API":       s.metrics(s.start("web", "admin")),
	}, s.metrics(s.start("up", "admin"))
}

func TestMetricsAreThoseOfTheReadmeAndLint(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	roles, all := s.roles()
	for role, found := range map[string]exported{"receive": roles["receivers"], "work": roles["workers"], "web": roles["API"], "up": all} {
		var families []*dto.MetricFamily
		for _, name := range found.names() {
			require.NotEmpty(t, found[name].GetHelp(), "%s of %s", name, role)
			families = append(families, found[name])
		}
		problems, err := promlint.NewWithMetricFamilies(families).Lint()
		require.NoError(t, err)
		require.Empty(t, problems, role)
	}

	table := []string{"| metric | labels | of | meaning |", "|---|---|---|---|"}
	for _, name := range all.names() {
		kind := strings.ToLower(all[name].GetType().String())
		table = append(table, fmt.Sprintf("| `%s` (%s) | %s | %s | %s |", name, kind, code(all.labels(name)), exporters(roles, name), all[name].GetHelp()))
	}
	for role, found := range roles {
		for _, name := range found.names() {
			require.Contains(t, all, name, "a metric of %s alone", role)
		}
	}
	readme, err := os.ReadFile("../../../README.md")
	require.NoError(t, err)
	wanted := strings.Join(table, "\n") + "\n"
	require.True(t, strings.Contains(string(readme), wanted), "README's table of metrics must be:\n%s", wanted)
}

// exporters says which roles export a metric.
func exporters(roles map[string]exported, name string) string {
	var those []string
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		if roles[role][name] != nil {
			those = append(those, role)
		}
	}
	if len(those) == len(roles) {
		return "all"
	}
	return strings.Join(those, ", ")
}

func code(names []string) string {
	for i, name := range names {
		names[i] = "`" + name + "`"
	}
	return strings.Join(names, ", ")
}

// The label queue joins: it has the same values, without the prefix of the
// system's queues, wherever it is.
func TestMetricsNameQueuesWithoutTheirPrefix(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	require.NotEmpty(t, s.topology.Prefix)
	_, both := s.roles()
	names := slices.Sorted(slices.Values(s.topology.QueueNames()))
	require.Equal(t, names, both.values("integr8_queue_messages", "queue"))
	require.Equal(t, names, both.values("integr8_batch_hits", "queue"))
	labelled := 0
	for _, name := range both.names() {
		require.NotContains(t, both.labels(name), "topic", name)
		for _, queue := range both.values(name, "queue") {
			require.Contains(t, names, queue, name)
			labelled++
		}
	}
	require.Greater(t, labelled, 2*len(names))
	require.Contains(t, both["integr8_queue_messages"].GetHelp(), "max by (queue)")
}

// What has not happened yet is a series at 0, and what happens is one of these.
func TestCountersBeginAtZeroWithEveryLabel(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	workerAdmin := s.start("work", "admin")
	workers := s.metrics(workerAdmin) // before a receiver states anything
	doorsAdmin, _ := s.startDoors("receive")
	doors := s.metrics(doorsAdmin)
	for name, labels := range map[string]map[string]int{
		"integr8_requests_total": {"kind": 5, "result": 12, "refusal": 26, "status": 14},
		"integr8_junk_total":     {"why": 3, "refusal": 24},
	} {
		requireLabels(t, doors, name, labels)
	}
	for name, labels := range map[string]map[string]int{
		"integr8_attempts_total":             {"queue": 3, "class": 5},
		"integr8_outcomes_total":             {"kind": 5, "outcome": 7, "reason": 40},
		"integr8_dead_letters_deleted_total": {"what": 3},
		"integr8_dropped_partitions_total":   {"table": 2},
		"integr8_attempt_seconds":            {"queue": 3},
		"integr8_redelivered_total":          {"queue": 5},
		"integr8_replayed_total":             {"outcome": 7},
		"integr8_commit_hits":                {"queue": 2},
		"go_sql_open_connections":            {"db_name": 3},
	} {
		requireLabels(t, workers, name, labels)
	}

	id := s.click()
	last := s.get("/", "secure", s.Global, "transaction_id", id, "status", "rejected").receipt
	s.get("/", "secure", s.Global, "transaction_id", id[:31])
	s.get("/click", "offer", "999999", "publisher", "1")
	s.do("PUT", "", "/click", "", "")
	s.decided(last)
	for admin, before := range map[string]exported{doorsAdmin: doors, workerAdmin: workers} {
		after := s.metrics(admin)
		for _, name := range after.names() {
			if after[name].GetType() == dto.MetricType_COUNTER {
				require.Len(t, after[name].Metric, len(before[name].GetMetric()), name)
			}
		}
	}
}

func requireLabels(t *testing.T, found exported, name string, labels map[string]int) {
	t.Helper()
	for label, least := range labels {
		require.GreaterOrEqual(t, len(found.values(name, label)), least, "%s of %s", label, name)
	}
	for _, series := range found[name].GetMetric() {
		require.Zero(t, series.GetCounter().GetValue(), "%s %v", name, series.Label)
	}
}
