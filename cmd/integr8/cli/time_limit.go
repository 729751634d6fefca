package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// How long a command may take. A command of the grammar says so with a tag
// time:"..", which counts for the commands below it as well.
const (
	// timeShort is the default: the command as a whole has --timeout.
	timeShort = ""
	// timeLong is for work that may take hours. It is given up when a server that
	// it needs has not answered for --timeout.
	timeLong = "long"
	// timeOwn is for a command that gives each of its steps a limit.
	timeOwn = "own"
	// timeEndless is for a server: a process that runs until it is stopped.
	timeEndless = "endless"
)

// timeLimitOf returns the tag of a command, or of the nearest one above it.
func timeLimitOf(command *kong.Node) string {
	for node := command; node != nil; node = node.Parent {
		if node.Tag != nil && node.Tag.Has("time") {
			return node.Tag.Get("time")
		}
	}
	return timeShort
}

// overdue is the cause of a context that ended because something took too long.
// It is the end of a deadline.
type overdue struct{ text string }

// Error says what took too long.
func (o *overdue) Error() string { return o.text }

// Unwrap marks it as the end of a deadline.
func (o *overdue) Unwrap() error { return context.DeadlineExceeded }

func notDoneWithin(limit time.Duration) *overdue {
	return &overdue{fmt.Sprintf("not done within %s", limit)}
}

// limited gives one step of a command the time of --timeout.
func (inv *invocation) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, inv.settings.Timeout, notDoneWithin(inv.settings.Timeout))
}

// reaction is how long a command may take to stop once its context has ended: it
// hangs up on servers and leaves behind nothing that a crash would not leave.
const reaction = 3 * time.Second

// carryOut runs a command within its time, and no longer than reaction after ctx
// has ended. It returns the error to report and the exit code.
func (inv *invocation) carryOut(ctx context.Context, command *kong.Node, work func(context.Context) error) (int, error) {
	limit := timeLimitOf(command)
	if limit == timeEndless {
		return stopped(ctx, work(ctx))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	switch limit {
	case timeShort:
		limited, release := inv.limited(ctx)
		defer release()
		ctx = limited
	case timeLong:
		inv.watch = &serverWatch{ctx: ctx, giveUp: cancel, silence: inv.settings.Timeout}
	case timeOwn: // its steps call limited
	}
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	select {
	case err := <-done:
		return endedBy(ctx, err)
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return endedBy(ctx, err)
	case <-time.After(reaction):
		return endedBy(ctx, context.Cause(ctx))
	}
}

// stopped returns the exit code of work that returned err, and the error to report.
// To be stopped is the usual end of a server.
func stopped(ctx context.Context, err error) (int, error) {
	switch {
	case err == nil:
		return exitOK, nil
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitFailed, interruption{}
	case errors.As(err, &usageError{}):
		return exitUsage, err
	default:
		return exitFailed, err
	}
}

// endedBy returns the exit code of work that returned err, and the error to report
// with the reason that ended ctx.
func endedBy(ctx context.Context, err error) (int, error) {
	var late *overdue
	signal, interrupted := interruptedBy(ctx)
	switch {
	case errors.As(context.Cause(ctx), &late):
		if err == nil { // it stopped half-way
			return exitFailed, late
		}
		if !errors.Is(err, late) {
			return exitFailed, fmt.Errorf("%w: %w", late, err)
		}
		return exitFailed, err
	case err == nil:
		return exitOK, nil
	case interrupted:
		return signal.code(), asInterrupted(err)
	default:
		return stopped(ctx, err)
	}
}

// asInterrupted keeps an error that reports how far a command came, and drops
// those of statements and requests that the interruption cut short.
func asInterrupted(err error) error {
	if strings.HasPrefix(err.Error(), interruption{}.Error()) {
		return err
	}
	return interruption{}
}
