package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"time"

	"integr8/cmd/internal/process"
)

// stopTimeout is longer than integr8 itself takes to finish its requests and hits.
const stopTimeout = 30 * time.Second

// startServer starts `integr8 up` and waits until it can make hits durable. Its log
// goes to a file, so that it does not hide the output of the demo.
func startServer(ctx context.Context, program program, logPath, readyz string) (*process.Process, error) {
	if err := os.Remove(logPath); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("begin the log anew: %w", err)
	}
	server, err := process.Program{Name: "integr8 up", Path: program.path, Args: []string{"up"}, Env: program.environment, Log: logPath}.Start()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not within %s", startTimeout))
	defer cancel()
	if err := server.Ready(ctx, process.OK(readyz)); err != nil {
		return nil, errors.Join(err, stopServer(server))
	}
	return server, nil
}

// stopServer stops integr8 in good order. It is not an error when integr8 has already
// ended.
func stopServer(server *process.Process) error {
	if !server.Running() {
		return nil
	}
	return server.Stop(context.Background(), stopTimeout)
}

// reply is an HTTP response with its whole body.
type reply struct {
	status int
	header http.Header
	body   string
}

// client does not follow redirects; the caller reads them.
var client = &http.Client{
	Timeout:       15 * time.Second,
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// replyBytes bounds how much of a response is read.
const replyBytes = 1 << 20

func get(ctx context.Context, address string) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return reply{}, fmt.Errorf("ask: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, replyBytes))
	if err != nil {
		return reply{}, fmt.Errorf("read the answer: %w", err)
	}
	return reply{response.StatusCode, response.Header, string(body)}, nil
}
