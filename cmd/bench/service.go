package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"integr8/cmd/bench/cost"
)

// service is a process that is measured.
type service struct {
	name    string
	command *exec.Cmd
	log     string
	addr    string // where it takes hits; empty when it takes none
	admin   string // its admin address; empty when it has none
	ended   chan struct{}
}

const (
	// startLimit is how long a service may take to be ready.
	startLimit = time.Minute
	// stopLimit is how long it may take to end in good order.
	stopLimit = 40 * time.Second
	// look is how often something is looked for that comes soon.
	look = 20 * time.Millisecond
)

// startService starts a program, whose output goes to a log in the given
// directory, and waits until ready answers true. environment is all it gets.
func startService(ctx context.Context, logs, name string, environment []string, ready func(*service) bool, program string, args ...string) (*service, error) {
	file, err := os.CreateTemp(logs, strings.ReplaceAll(name, " ", "-")+"-*.log")
	if err != nil {
		return nil, fmt.Errorf("start the %s: %w", name, err)
	}
	defer file.Close()
	s := &service{name: name, command: exec.Command(program, args...), log: file.Name(), ended: make(chan struct{})}
	s.command.Env = environment
	s.command.Stdout, s.command.Stderr = file, file
	// A terminal's Ctrl-C reaches it through stop alone.
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start the %s: %w", name, err)
	}
	go func() {
		defer close(s.ended)
		_ = s.command.Wait() // why it ended is in its log
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, errors.New("it is not ready in time"))
	defer cancel()
	err = until(ctx, look, func() (bool, error) {
		select {
		case <-s.ended:
			return false, errors.New("it ended")
		default:
			return ready(s), nil
		}
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the %s: %w; the end of its log:\n%s", name, err, s.lastWords()), s.stop())
	}
	return s, nil
}

// stop ends the service in good order and answers whether that went well.
func (s *service) stop() error {
	_ = s.command.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-s.ended:
	case <-time.After(stopLimit):
		_ = s.command.Process.Kill()
		<-s.ended
		return fmt.Errorf("the %s did not stop within %s: see %s", s.name, stopLimit, s.log)
	}
	if state := s.command.ProcessState; !state.Success() {
		return fmt.Errorf("the %s ended with %s; the end of its log:\n%s", s.name, state, s.lastWords())
	}
	return nil
}

func (s *service) tree() cost.Tree { return cost.Tree{Root: s.command.Process.Pid} }

func (s *service) lastWords() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	const most = 2000
	return "  " + strings.TrimSpace(string(text[max(0, len(text)-most):]))
}

// listens reports whether somebody takes connections at an address.
func listens(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	return err == nil && conn.Close() == nil
}

// isReady asks an admin address.
func isReady(admin string) bool {
	client := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + admin + "/readyz")
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// until asks again and again until the answer is yes, an error, or ctx ends.
func until(ctx context.Context, every time.Duration, ask func() (bool, error)) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if done, err := ask(); done || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// saysReady reports whether a service has printed that it is.
func saysReady(s *service) bool {
	text, err := os.ReadFile(filepath.Clean(s.log))
	return err == nil && strings.Contains(string(text), readyLine)
}

// readyLine is what the baseline's worker prints once it takes messages.
const readyLine = "ready\n"
