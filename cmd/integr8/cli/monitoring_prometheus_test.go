package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"integr8/cmd/internal/poll"
	"integr8/cmd/internal/ports"
	"integr8/cmd/internal/process"
)

// prometheus is a real Prometheus with our configuration, of a test.
type prometheus struct {
	t    *testing.T
	base string
}

const (
	// scrapeInterval is the interval of a test's Prometheus, which gives a scrape as long,
	// and rateInterval what it puts in the place of Grafana's variable: longer than the
	// test takes.
	scrapeInterval = 2 * time.Second
	rateInterval   = "5m"
)

// startPrometheus starts a Prometheus with prometheus.yml and alarms.yml that scrapes these
// addresses with this password.
func startPrometheus(t *testing.T, password string, targets ...string) *prometheus {
	t.Helper()
	program := prometheusProgram(t, "prometheus")
	dir := t.TempDir()
	config := writePrometheusConfig(t, dir, password, targets)
	address, err := ports.Address()
	require.NoError(t, err)
	log := filepath.Join(dir, "log")
	running, err := process.Program{
		Name: "Prometheus", Path: program, Dir: dir, Log: log,
		Args: []string{"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + address},
	}.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, running.Stop(context.Background(), patience)) })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	base := "http://" + address
	require.NoError(t, running.Ready(ctx, process.OK(base+"/-/ready")), "%s", process.LogEnd(log))
	return &prometheus{t, base}
}

// writePrometheusConfig writes what prometheus.yml says, but for what a test has elsewhere.
func writePrometheusConfig(t *testing.T, dir, password string, targets []string) (path string) {
	t.Helper()
	var config struct {
		Global map[string]any   `yaml:"global"`
		Rules  []string         `yaml:"rule_files"`
		Jobs   []map[string]any `yaml:"scrape_configs"`
	}
	readYAML(t, monitoring+"/prometheus.yml", &config)
	require.Len(t, config.Jobs, 1)
	job := config.Jobs[0]
	require.NotEmpty(t, job["dns_sd_configs"])
	delete(job, "dns_sd_configs")
	job["static_configs"] = []map[string]any{{"targets": targets}}
	config.Global["scrape_interval"], config.Global["evaluation_interval"] = scrapeInterval.String(), scrapeInterval.String()
	secret := filepath.Join(dir, "password")
	require.NoError(t, os.WriteFile(secret, []byte(password), 0o600))
	job["basic_auth"].(map[string]any)["password_file"] = secret
	for i, rules := range config.Rules {
		absolute, err := filepath.Abs(filepath.Join(monitoring, rules))
		require.NoError(t, err)
		config.Rules[i] = absolute
	}
	text, err := yaml.Marshal(config)
	require.NoError(t, err)
	path = filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

// ask calls the API of Prometheus.
func (p *prometheus) ask(path string, into any) error {
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	status, body, err := process.Fetch(ctx, p.base+path)
	if err != nil {
		return fmt.Errorf("ask Prometheus: %w", err)
	}
	answer := struct {
		Error string `json:"error"`
		Data  any    `json:"data"`
	}{Data: into}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("read the answer of Prometheus (%d): %w", status, err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("prometheus: %s", answer.Error)
	}
	return nil
}

// series are what an expression is now.
type series []struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
}

// numbers reports whether one of the series is a number.
func (s series) numbers() bool {
	for _, one := range s {
		text, _ := one.Value[1].(string)
		if number, err := strconv.ParseFloat(text, 64); err == nil && number-number == 0 { // neither NaN nor infinite
			return true
		}
	}
	return false
}

func (p *prometheus) query(expr string) (series, error) {
	var found struct {
		Result series `json:"result"`
	}
	err := p.ask("/api/v1/query?query="+url.QueryEscape(expr), &found)
	return found.Result, err
}

var errNoSeries = errors.New("returns no number")

// awaitNumber waits until an expression has a series that is a number.
func (p *prometheus) awaitNumber(expr string) error {
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	err := poll.Until(ctx, scrapeInterval/2, func() (bool, error) {
		found, err := p.query(expr)
		return found.numbers(), err
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return errNoSeries
	}
	return err
}
