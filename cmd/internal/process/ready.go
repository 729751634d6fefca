package process

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"integr8/cmd/internal/poll"
)

// Ready waits until a probe returns nil, or until ctx ends. It returns an error when
// the process ends before.
func (p *Process) Ready(ctx context.Context, probe func(context.Context) error) error {
	var last error
	err := poll.Until(ctx, 20*time.Millisecond, func() (bool, error) {
		if last = probe(ctx); last != nil && !p.Running() {
			return false, p.Died()
		}
		return last == nil, nil
	})
	if err != nil && p.Running() {
		return fmt.Errorf("wait until %s is ready: %w: %w; its log is %s", p.Name, err, last, p.Log)
	}
	return err
}

// Listening probes whether an address accepts connections.
func Listening(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// OK probes whether a URL returns 200.
func OK(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		status, body, err := Get(ctx, url)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%d %s", status, body)
		}
		return err
	}
}

// Printed probes whether a log contains a text.
func Printed(log, text string) func(context.Context) error {
	return func(context.Context) error {
		found, err := os.ReadFile(log)
		if err == nil && !strings.Contains(string(found), text) {
			err = fmt.Errorf("%s does not hold %q", log, text)
		}
		return err
	}
}

// getTime is how long an orchestrator waits for a probe before it restarts the process.
const getTime = 5 * time.Second

// Get requests a URL over a connection of its own, as an orchestrator does, and returns
// the status and the body.
func Get(ctx context.Context, url string) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, getTime)
	defer cancel()
	return Fetch(ctx, url)
}

// Fetch is Get without a limit but that of ctx.
func Fetch(ctx context.Context, url string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("ask: %w", err)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("ask: %w", err)
	}
	defer response.Body.Close()
	if body, err = io.ReadAll(response.Body); err != nil {
		return 0, nil, fmt.Errorf("read the answer of %s: %w", url, err)
	}
	return response.StatusCode, body, nil
}
