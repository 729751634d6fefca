package app

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/monitor"
)

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

func TestWrongAdminPasswordsOfAllPathsAreCountedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &process{
			options: Options{Admin: Admin{Password: "correct horse battery", Profile: true}},
			logger:  slog.New(slog.DiscardHandler), metrics: monitor.NewMetrics(),
		}
		handler := p.adminHandler(nil)
		var delays []time.Duration
		for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/profile", "/healthz"} {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			request.SetBasicAuth("admin", "a guess")
			began := time.Now()
			handler.ServeHTTP(httptest.NewRecorder(), request)
			delays = append(delays, time.Since(began))
		}
		require.Equal(t, []time.Duration{firstGuessDelay, 2 * firstGuessDelay, 4 * firstGuessDelay, 0}, delays)
	})
}

func TestAnAdminAddressWithoutAPortIsNoMatterOfAPassword(t *testing.T) {
	err := Admin{Addr: "8081"}.check()
	require.ErrorContains(t, err, "INTEGR8_ADMIN_ADDR (--admin-addr): address 8081: missing port")
	require.Contains(t, failure.Hint(err), "127.0.0.1:8081")
}
