package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// server is a running `integr8 up`.
type server struct {
	command *exec.Cmd
	logPath string
	// ended is closed when the process has ended, however it did; result then
	// says how.
	ended  chan struct{}
	result error
}

// stopTimeout is longer than integr8 itself takes to finish what is under way.
const stopTimeout = 30 * time.Second

// startServer starts `integr8 up`. What it logs goes to a file, so that it
// does not bury what the demo prints.
func startServer(program program, logPath string) (*server, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	command := exec.Command(program.path, "up")
	command.Env = program.environment
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = ownGroup()
	err = errors.Join(command.Start(), log.Close())
	if err != nil {
		return nil, fmt.Errorf("start integr8 up: %w", err)
	}
	s := &server{command: command, logPath: logPath, ended: make(chan struct{})}
	go func() {
		s.result = command.Wait()
		close(s.ended)
	}()
	return s, nil
}

// ready waits until integr8 says that it can make hits durable.
func (s *server) ready(ctx context.Context, probe string) error {
	for {
		response, err := get(ctx, probe)
		if err == nil && response.status == http.StatusOK {
			return nil
		}
		select {
		case <-s.ended:
			return s.died()
		case <-ctx.Done():
			return fmt.Errorf("integr8 did not get ready: %w; its log is %s", context.Cause(ctx), s.logPath)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// died tells of an end that nobody asked for.
func (s *server) died() error {
	how := "it ended by itself"
	if s.result != nil {
		how = s.result.Error()
	}
	return fmt.Errorf("integr8 up has died (%s); its log, %s, ends with:\n%s", how, s.logPath, tail(s.logPath))
}

// stop asks integr8 to finish what is under way and waits for its end; that it
// has ended already is fine.
func (s *server) stop() error {
	select {
	case <-s.ended:
		return nil
	default:
	}
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop integr8: %w", err)
	}
	select {
	case <-s.ended:
		return s.result
	case <-time.After(stopTimeout):
		err := s.command.Process.Kill()
		<-s.ended
		return errors.Join(fmt.Errorf("integr8 did not stop within %s and was killed; its log is %s", stopTimeout, s.logPath), err)
	}
}

// tailBytes is how much of a log is shown when its process has died.
const tailBytes = 2000

func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(text[max(0, len(text)-tailBytes):]))
}

// reply is an HTTP answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// client keeps a redirect for the caller to look at.
var client = &http.Client{
	Timeout:       15 * time.Second,
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// replyBytes bounds how much of an answer is read.
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
