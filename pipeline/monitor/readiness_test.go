package monitor_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/monitor"
)

// ask gets a page as a probe does, which waits for 2 s.
func ask(address, path string) (status int, body string, err error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Second}
	response, err := client.Get("http://" + address + path)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// Checks that hang, also one that ignores its context, delay neither the response nor
// each other.
func TestReadyzIsServedInTimeWhateverHangs(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	address := serve(t, monitor.NewMetrics().Handler(map[string]monitor.Check{
		"broker":   func(ctx context.Context) (string, error) { <-ctx.Done(); return "", errors.New("hangs") },
		"database": func(ctx context.Context) (string, error) { <-ctx.Done(); return "away, hits wait", nil },
		"disk":     func(context.Context) (string, error) { <-release; return "", nil },
		"process":  func(context.Context) (string, error) { return "", nil },
	}))
	status, body, err := ask(address, "/readyz")
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "broker: hangs\ndisk: no answer within 1.7s\ndatabase: away, hits wait\n", body)
}

func TestConcurrentRequestsForReadinessShareOneCheck(t *testing.T) {
	var looks atomic.Int32
	release := make(chan struct{})
	address := serve(t, monitor.NewMetrics().Handler(map[string]monitor.Check{
		"database": func(context.Context) (string, error) {
			looks.Add(1)
			<-release
			return "", nil
		},
	}))
	for range 2 { // the checks of the first round still run in the second
		var asking sync.WaitGroup
		for range 20 {
			asking.Go(func() {
				if status, body, err := ask(address, "/readyz"); err != nil || status != http.StatusServiceUnavailable {
					t.Errorf("%d %s %v", status, body, err)
				}
			})
		}
		asking.Wait()
	}
	require.EqualValues(t, 1, looks.Load())
	close(release)
	require.Eventually(t, func() bool {
		status, body, err := ask(address, "/readyz")
		return err == nil && status == http.StatusOK && body == "ready\n"
	}, 10*time.Second, time.Millisecond)
}
