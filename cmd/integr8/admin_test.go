package main

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/spool"
)

func TestAdminAddressNeedsAPasswordWhereOthersCanReachIt(t *testing.T) {
	s := prepareSystem(t)
	s.variables["INTEGR8_ADMIN_ADDR"] = "0.0.0.0:0"
	code, _, stderr := s.command("receive")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "INTEGR8_ADMIN_PASSWORD")
}

func TestAdminPasswordGuardsAllButTheProbes(t *testing.T) {
	s := prepareSystem(t)
	s.variables["INTEGR8_ADMIN_PASSWORD"] = "correct horse"
	address := "http://" + s.start("receive", "admin")
	status := func(path, password string) int {
		t.Helper()
		request, err := http.NewRequest(http.MethodGet, address+path, nil)
		require.NoError(t, err)
		if password != "" {
			request.SetBasicAuth("admin", password)
		}
		return s.send(request).status
	}
	require.Equal(t, http.StatusOK, status("/healthz", ""))
	require.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, status("/readyz", ""))
	require.Equal(t, http.StatusUnauthorized, status("/metrics", ""))
	require.Equal(t, http.StatusUnauthorized, status("/metrics", "wrong"))
	require.Equal(t, http.StatusOK, status("/metrics", "correct horse"))
	require.NotContains(t, s.logs.text(), "correct horse")
	require.Contains(t, s.logs.text(), "a wrong user or password at the admin address")
}

func TestTheProbeOfTheSpoolShowsNoAddressOfTheBroker(t *testing.T) {
	unreachable := errors.New("dial tcp 127.0.0.1:1: connect: connection refused")
	for _, failing := range []error{spool.ErrFull, errors.New("open /var/lib/integr8: read-only file system")} {
		err := withoutAddress(errors.Join(failing, unreachable))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "127.0.0.1")
		require.NotContains(t, err.Error(), "/var/lib")
	}
	require.NoError(t, withoutAddress(nil))
}

func TestAShortAdminPasswordIsRefused(t *testing.T) {
	s := prepareSystem(t)
	s.variables["INTEGR8_ADMIN_PASSWORD"] = "horse"
	code, _, stderr := s.command("receive")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "fewer than 12")
}

func TestWrongAdminPasswordsAreAnsweredEverLater(t *testing.T) {
	waited := []time.Duration{}
	g := &guesses{wait: func(_ context.Context, delay time.Duration) { waited = append(waited, delay) }}
	now := time.Now()
	for range 9 {
		g.failed(t.Context(), now)
	}
	for i := 1; i < 6; i++ {
		require.Equal(t, 2*waited[i-1], waited[i])
	}
	require.Equal(t, mostGuessDelay, waited[8])
	g.failed(t.Context(), now.Add(2*guessMemory))
	require.Equal(t, firstGuessDelay, waited[9])
}
