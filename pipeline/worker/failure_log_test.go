package worker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/batch"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/worker"
)

// line is what a worker logs about a hit.
type line struct {
	Level, Msg, Receipt, Queue, Class, Cause, Error, Panic, Stack string
	Attempt, Suppressed                                           int
}

// lines collects the log lines of a worker.
type lines struct {
	mu  sync.Mutex
	all []line
}

// Write adds one line.
func (l *lines) Write(text []byte) (int, error) {
	var one line
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&one); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, one)
	return len(text), nil
}

// about returns the warnings and errors about hits so far.
func (l *lines) about(receipt uuid.UUID) (found []line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.all {
		if one.Receipt == receipt.String() {
			found = append(found, one)
		}
	}
	return found
}

func logging(to *lines) func(*worker.Options) {
	return func(o *worker.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: slog.LevelInfo}))
	}
}

func TestAFailedAttemptADeathAndAPanicAreLogged(t *testing.T) {
	for name, test := range map[string]struct {
		err      func() error
		attempts string
		want     []line
	}{
		"first attempt": {func() error { return errors.New("deadlock\nwith a detail") }, "",
			[]line{{Level: "WARN", Class: "transient", Attempt: 1, Error: "deadlock"}}},
		"fourth attempt": {func() error { return errors.New("deadlock") }, "3",
			[]line{{Level: "WARN", Class: "transient", Attempt: 4, Error: "deadlock"}}},
		"last attempt": {func() error { return errors.New("deadlock") }, "5",
			[]line{{Level: "ERROR", Class: "transient", Attempt: 6, Error: "deadlock", Cause: "handler_failed"}}},
		"refused for good": {func() error { return failure.Never(errors.New("no")) }, "1",
			[]line{{Level: "ERROR", Class: "permanent", Attempt: 2, Error: "no", Cause: "handler_failed"}}},
		"panic": {func() error { panic("boom") }, "",
			[]line{{Level: "ERROR", Attempt: 1, Panic: "boom", Stack: "failure_log_test.go"}}},
		"panic in a batch": {func() error { return &batch.PanicError{Value: "bang", Stack: []byte("write.go:1")} }, "",
			[]line{{Level: "ERROR", Attempt: 1, Panic: "bang", Stack: "write.go:1"}}},
		"last panic": {func() error { panic("boom") }, "5", []line{
			{Level: "ERROR", Attempt: 6, Panic: "boom", Stack: "failure_log_test.go"},
			{Level: "ERROR", Class: "transient", Attempt: 6, Error: "panic: boom", Cause: "handler_failed"}}},
		"success": {func() error { return nil }, "", nil},
		"held":    {func() error { return failure.Unavailable(errors.New("no database")) }, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t)
			s.archive = nil // the dead queue is not consumed
			called := make(chan struct{}, 100)
			first := true
			var logged lines
			stop := s.run(func(context.Context, *hit.Hit, []byte) error {
				called <- struct{}{}
				if !first {
					return nil
				}
				first = false
				return test.err()
			}, logging(&logged))
			metadata := map[string]string{}
			if test.attempts != "" {
				metadata["integr8-attempts"] = test.attempts
			}
			h := s.publish(metadata)
			receive(t, called)
			require.Eventually(t, func() bool { return len(logged.about(h.ID)) == len(test.want) }, testTimeout, time.Millisecond)
			stop()
			for i, got := range logged.about(h.ID) {
				require.Contains(t, got.Stack, test.want[i].Stack)
				got.Msg, got.Receipt, got.Stack = "", "", test.want[i].Stack
				test.want[i].Queue = hit.TopicPostbacks
				require.Equal(t, test.want[i], got)
			}
			require.Len(t, logged.about(h.ID), len(test.want))
		})
	}
}

func TestADeathThatNoWorkerCausedIsLoggedOnceItIsArchived(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	var logged lines
	s.run(nil, logging(&logged))
	h := s.publishTo(rabbit.TopicDead, nil) // without a cause: no worker has put it there
	require.Equal(t, outcome.Unexplained, s.letter().Reason)
	require.Eventually(t, func() bool { return len(logged.about(h.ID)) == 1 }, testTimeout, time.Millisecond)
	require.Equal(t, "ERROR", logged.about(h.ID)[0].Level)
	require.Equal(t, "unexplained", logged.about(h.ID)[0].Cause)
}

func TestOfManyFailedAttemptsSomeAreLoggedAndTheOthersCounted(t *testing.T) {
	t.Parallel()
	const hits = 200
	s := newSystem(t)
	var logged lines
	var failed sync.Map
	stop := s.run(func(_ context.Context, h *hit.Hit, _ []byte) error {
		if _, again := failed.LoadOrStore(h.ID, true); again {
			return nil
		}
		return fmt.Errorf("no room for %s", h.ID)
	}, logging(&logged))
	for range hits {
		s.publish(nil)
	}
	require.Eventually(t, func() bool { return s.seen(failure.Transient) == hits }, testTimeout, time.Millisecond)
	stop()
	shown, counted := 0, 0
	for _, one := range logged.all {
		if one.Class != "transient" {
			continue
		}
		if one.Receipt != "" {
			shown++
		}
		counted += one.Suppressed
	}
	require.GreaterOrEqual(t, shown, 10)
	require.Less(t, shown, hits/2)
	require.Equal(t, hits, shown+counted)
}
