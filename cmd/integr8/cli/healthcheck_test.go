package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHealthcheckTellsWhetherTheProcessIsReady(t *testing.T) {
	t.Parallel()
	ready := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" || !ready {
			http.Error(w, "the broker cannot be reached", http.StatusServiceUnavailable)
		}
	}))
	address := strings.TrimPrefix(server.URL, "http://")
	p := &program{t: t, environment: map[string]string{"INTEGR8_ADMIN_ADDR": address}}

	require.Empty(t, p.succeed("healthcheck"))

	ready = false
	got := p.run("healthcheck")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "the broker cannot be reached")

	_, port, _ := strings.Cut(address, ":")
	ready = true
	p.environment["INTEGR8_ADMIN_ADDR"] = ":" + port // where it listens on every address
	p.succeed("healthcheck")

	server.Close()
	got = p.run("healthcheck")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "hint: is a process running with INTEGR8_ADMIN_ADDR=:"+port)

	p.environment["INTEGR8_ADMIN_ADDR"] = "nonsense"
	require.Equal(t, exitFailed, p.run("healthcheck").code)
}
