package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/poll"
	"integr8/pipeline/outcome"
)

// dashboard is the part of Grafana's JSON that a test reads.
type dashboard struct {
	UID    string `json:"uid"`
	Panels []struct {
		ID          int    `json:"id"`
		Type        string `json:"type"`
		Title       string `json:"title"`
		Description string `json:"description"`
		Targets     []struct {
			Expr string `json:"expr"`
		} `json:"targets"`
	} `json:"panels"`
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	text, err := os.ReadFile(monitoring + "/grafana/integr8.json")
	require.NoError(t, err)
	var read dashboard
	require.NoError(t, json.Unmarshal(text, &read))
	require.NotEmpty(t, read.Panels)
	return read
}

// expressions are those of all panels, by "panel: expression".
func (d dashboard) expressions(t *testing.T) map[string]string {
	t.Helper()
	expressions := map[string]string{}
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			name := panel.Title + ": " + target.Expr
			require.NotContains(t, expressions, name, "the same twice")
			expressions[name] = strings.ReplaceAll(target.Expr, "$__rate_interval", rateInterval)
		}
	}
	require.Greater(t, len(expressions), 40)
	return expressions
}

func TestEveryPanelSaysWhatItShowsOfMetricsThatExist(t *testing.T) {
	t.Parallel()
	known, ids, titles := knownMetrics(t), map[int]bool{}, map[string]bool{}
	section := ""
	for _, panel := range readDashboard(t).Panels {
		require.False(t, ids[panel.ID], "two panels have the id %d", panel.ID)
		ids[panel.ID] = true
		if panel.Type == "row" {
			section = panel.Title
			continue
		}
		require.False(t, titles[section+panel.Title], "two panels of a section: %s", panel.Title)
		titles[section+panel.Title] = true
		require.NotEmpty(t, panel.Description, panel.Title)
		require.NotEmpty(t, panel.Targets, panel.Title)
		for _, target := range panel.Targets {
			requireMetrics(t, known, target.Expr, panel.Title)
		}
	}
}

// TestEveryQueryReturnsSeriesOfARealStack runs what the dashboard, the alarms and KEDA ask
// on a real Prometheus, which scrapes a receiver, a worker and the API by the password of
// their admin addresses, after some traffic.
func TestEveryQueryReturnsSeriesOfARealStack(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_ADMIN_PASSWORD"] = "a password for the tests"
	receive, _ := s.launch("receive")
	s.base = "http://" + receive.listening(t, "hits")
	targets := []string{receive.listening(t, "admin"), s.start("work", "admin")}
	letter := func() string {
		receipt := s.get("/", "secure", s.Global, "transaction_id", strings.Repeat("0", 32)).receipt
		require.Equal(t, outcome.Rejected, s.decided(receipt).Outcome)
		return receipt
	}
	letter() // which the API counts when it starts
	targets = append(targets, s.start("web", "admin"))
	p := startPrometheus(t, s.variables["INTEGR8_ADMIN_PASSWORD"], targets...)
	for _, target := range targets {
		require.NoError(t, p.awaitNumber(`up{job="integr8", instance="`+target+`"} == 1`), target)
	}

	// Between two scrapes, so that rates see it.
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", s.click()).receipt, outcome.Converted)
	require.Equal(t, http.StatusBadRequest, s.get("/", "secure", s.Global).status)
	code, _, errs := s.command("dead", "replay", letter())
	require.Zero(t, code, errs)

	queries := readDashboard(t).expressions(t)
	queries["KEDA"] = kedaQuery(t)
	for name, expr := range queries {
		require.NoError(t, p.awaitNumber(expr), name)
	}
	requireHealthyRules(t, p)
}

// kedaQuery is what the ScaledObject scales on.
func kedaQuery(t *testing.T) string {
	t.Helper()
	var object struct {
		Spec struct {
			Triggers []struct {
				Metadata map[string]string `yaml:"metadata"`
			} `yaml:"triggers"`
		} `yaml:"spec"`
	}
	readYAML(t, monitoring+"/keda.yml", &object)
	require.Len(t, object.Spec.Triggers, 1)
	query := object.Spec.Triggers[0].Metadata["query"]
	require.Contains(t, query, "integr8_queue_lag_seconds")
	require.NotContains(t, query, "integr8_queue_messages", "a message holds from 1 to 128 hits")
	return query
}

// requireHealthyRules waits until Prometheus has evaluated every alarm, without an error.
func requireHealthyRules(t *testing.T, p *prometheus) {
	t.Helper()
	var found struct {
		Groups []struct {
			Rules []struct {
				Name      string `json:"name"`
				Health    string `json:"health"`
				LastError string `json:"lastError"`
			} `json:"rules"`
		} `json:"groups"`
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, poll.Until(ctx, scrapeInterval/2, func() (bool, error) {
		evaluated, rules := true, 0
		err := p.ask("/api/v1/rules", &found)
		for _, group := range found.Groups {
			for _, rule := range group.Rules {
				rules++
				evaluated = evaluated && rule.Health != "unknown"
				if rule.Health == "err" {
					return false, fmt.Errorf("%s: %s", rule.Name, rule.LastError)
				}
			}
		}
		return evaluated && rules == len(alarms(t)), err
	}))
}
