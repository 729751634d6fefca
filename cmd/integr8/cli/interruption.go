package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// interruption is a signal that asks the program to stop. It is a cancellation.
type interruption struct{ signal syscall.Signal }

// Error is the same for every signal.
func (interruption) Error() string { return "interrupted" }

// Unwrap marks it as a cancellation.
func (interruption) Unwrap() error { return context.Canceled }

// code is the exit code by which a shell knows the signal.
func (i interruption) code() int { return 128 + int(i.signal) }

// UntilInterrupted returns a context that the first SIGINT or SIGTERM cancels.
// The next one has its usual effect: it kills.
func UntilInterrupted(parent context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		received := <-signals
		signal.Stop(signals)
		cancel(interruption{received.(syscall.Signal)})
	}()
	return ctx
}

// interruptedBy returns the signal that ended ctx, if one did.
func interruptedBy(ctx context.Context) (interruption, bool) {
	var found interruption
	return found, errors.As(context.Cause(ctx), &found)
}
