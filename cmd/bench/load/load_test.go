package load_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"integr8/cmd/bench/load"
)

func get(to []byte, i int) []byte {
	return fmt.Appendf(to, "GET /%d HTTP/1.1\r\nHost: bench\r\n\r\n", i)
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestEveryRequestIsSentOnceAndCounted(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.URL.Path]++
		fmt.Fprint(w, "OK")
	})
	result, err := load.Run(t.Context(), load.Options{
		Address: address, Connections: 8, Request: get, Limit: 500, Accepted: []int{200}, Duration: time.Minute,
	})
	require.NoError(t, err)
	require.True(t, result.Exhausted)
	require.Equal(t, 500, result.Sent)
	require.Equal(t, 500, result.Accepted)
	require.EqualValues(t, 500, result.Latency.TotalCount())
	require.Len(t, seen, 500)
	for path, n := range seen {
		require.Equal(t, 1, n, path)
	}
}

func TestOpenLoopKeepsItsRate(t *testing.T) {
	address := serve(t, func(http.ResponseWriter, *http.Request) {})
	result, err := load.Run(t.Context(), load.Options{
		Address: address, Connections: 32, Request: get, Limit: 10_000, Accepted: []int{200},
		Rate: 1000, Warmup: 200 * time.Millisecond, Duration: time.Second,
	})
	require.NoError(t, err)
	require.Zero(t, result.Failed())
	require.InDelta(t, 1200, result.Sent, 150)
	require.InDelta(t, 1000, float64(result.Latency.TotalCount()), 150, "the warm-up is not counted")
}

func TestAStallIsChargedToEveryRequestThatItDelayed(t *testing.T) {
	const stall = 500 * time.Millisecond
	var once sync.Once
	release := make(chan struct{})
	address := serve(t, func(http.ResponseWriter, *http.Request) {
		once.Do(func() { time.AfterFunc(stall, func() { close(release) }) })
		<-release
	})
	// A single connection: closed-loop counting would see one slow request.
	result, err := load.Run(t.Context(), load.Options{
		Address: address, Connections: 1, Request: get, Limit: 10_000, Accepted: []int{200}, Rate: 200, Duration: time.Second,
	})
	require.NoError(t, err)
	// Half of the requests were due while the server did not respond.
	require.Greater(t, result.Latency.ValueAtQuantile(75), (stall / 5).Microseconds())
	require.GreaterOrEqual(t, result.Latency.Max(), (stall - 20*time.Millisecond).Microseconds())
}

func TestAnswersThatAreNotAcceptedAreCountedByStatus(t *testing.T) {
	var n atomic.Int64
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) % 3 {
		case 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 1:
			panic(http.ErrAbortHandler) // breaks the connection
		}
	})
	result, err := load.Run(t.Context(), load.Options{
		Address: address, Connections: 1, Request: get, Limit: 30, Accepted: []int{200}, Duration: time.Minute,
	})
	require.NoError(t, err)
	require.Equal(t, 10, result.Accepted)
	require.Equal(t, map[int]int{503: 10, 0: 10}, result.Others)
}

func TestAClosedLoopSendsNothingWhileItIsHeld(t *testing.T) {
	var sent, held atomic.Int64
	address := serve(t, func(http.ResponseWriter, *http.Request) { sent.Add(1) })
	open := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := load.Run(t.Context(), load.Options{
			Address: address, Connections: 4, Request: get, Limit: 100, Accepted: []int{200}, Duration: time.Minute,
			Hold: func(context.Context) {
				held.Add(1)
				<-open
			},
		})
		done <- err
	}()
	require.Eventually(t, func() bool { return held.Load() == 4 }, time.Minute, time.Millisecond)
	require.Zero(t, sent.Load())
	close(open)
	require.NoError(t, <-done)
	require.EqualValues(t, 100, sent.Load())
}

func TestObserveGetsAcceptedAnswers(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Receipt", strings.TrimPrefix(r.URL.Path, "/"))
		fmt.Fprint(w, "OK")
	})
	var shown atomic.Int64
	_, err := load.Run(t.Context(), load.Options{
		Address: address, Connections: 1, Request: get, Limit: 50, Accepted: []int{200}, Duration: time.Minute,
		Observe: func(_ time.Time, answer []byte) {
			i := shown.Add(1) - 1 // on one connection they come in order
			assert.Equal(t, fmt.Sprint(i), string(load.Header(answer, "X-Receipt")))
			assert.Nil(t, load.Header(answer, "X-Other"))
		},
	})
	require.NoError(t, err)
	require.EqualValues(t, 50, shown.Load())
}

func TestAnEndIsAnError(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	address := serve(t, func(http.ResponseWriter, *http.Request) { cancel(stopped) })
	_, err := load.Run(ctx, load.Options{
		Address: address, Connections: 2, Request: get, Limit: 1 << 30, Accepted: []int{200}, Duration: time.Minute,
	})
	require.ErrorIs(t, err, stopped)
}
