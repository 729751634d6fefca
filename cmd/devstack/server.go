package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"integr8/cmd/devstack/ports"
)

// server is one server process with all that descends from it.
type server interface {
	// title names it to a person.
	title() string
	// root is its first process, the zero value when it was not started.
	root() process
	// strays finds processes of it that root no longer leads to.
	strays() ([]process, error)
	// start starts it, if it does not run, and returns when it answers.
	start(ctx context.Context) error
	// quit is the signal that asks it to end in good order.
	quit() syscall.Signal
	// forget records that it does not run.
	forget() error
}

const (
	// answerLimit is how long a server may take to answer. Both need seconds;
	// the rest is for recovery after a crash, and for a busy machine.
	answerLimit = 2 * time.Minute
	// quitLimit is how long a server may take to end in good order.
	quitLimit = 30 * time.Second
	// bootAttempts is how often a start is tried when somebody else takes the
	// chosen port in the meantime.
	bootAttempts = 3
)

// boot is a server's start, in the steps that all of them share.
type boot struct {
	server
	// ports lists those that it is about to use.
	ports func() []int
	// choose settles on ports.
	choose func() error
	// launch starts the process and records it.
	launch func() error
	// ask reports, by a nil error, that the server does its work.
	ask func(ctx context.Context) error
	// log is the file that says why it ended.
	log string
}

// run starts the server until it answers.
func (b *boot) run(ctx context.Context, out *output) error {
	for attempt := 1; ; attempt++ {
		if err := b.choose(); err != nil {
			return fmt.Errorf("start %s: %w", b.title(), err)
		}
		if err := b.launch(); err != nil {
			return fmt.Errorf("start %s: %w", b.title(), err)
		}
		err := answers(ctx, b.root(), b.ask)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, errEnded) && attempt < bootAttempts && !allFree(b.ports()):
			out.say("somebody took a port of %s while it started; trying others", b.title())
		default:
			return fmt.Errorf("start %s: %w; the end of %s:\n%s", b.title(), err, b.log, lastLines(b.log, 20))
		}
	}
}

// errEnded says that a server ended before it answered.
var errEnded = errors.New("it ended before it answered")

// answers waits until a running server does its work.
func answers(ctx context.Context, root process, ask func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, answerLimit, fmt.Errorf("no answer within %s", answerLimit))
	defer cancel()
	var last error
	err := poll(ctx, 100*time.Millisecond, func() (bool, error) {
		asking, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		last = ask(asking)
		if last == nil {
			return true, nil
		}
		if !root.alive() {
			return false, errEnded
		}
		return false, nil
	})
	if err != nil && !errors.Is(err, errEnded) && last != nil {
		return fmt.Errorf("%w: %w", err, last)
	}
	return err
}

func allFree(wanted []int) bool {
	for _, port := range wanted {
		if !ports.Free(port) {
			return false
		}
	}
	return true
}

// rejoin makes sure that a server that runs already also answers.
func rejoin(ctx context.Context, out *output, s server, ask func(ctx context.Context) error) error {
	frozen, err := thaw(s.root())
	if err != nil {
		return fmt.Errorf("resume %s: %w", s.title(), err)
	}
	if frozen {
		out.say("%s was paused; resumed it", s.title())
	}
	if err := answers(ctx, s.root(), ask); err != nil {
		return fmt.Errorf("%s runs as process %d: %w", s.title(), s.root().PID, err)
	}
	return nil
}

// end ends a server in good order, and by force when it does not heed or ctx
// ends first.
func end(ctx context.Context, out *output, s server) error {
	root := s.root()
	members, err := tree(root)
	if err != nil {
		return err
	}
	if root.alive() {
		if _, err := thaw(root); err != nil {
			return err
		}
		if err := root.signal(s.quit()); err != nil {
			return err
		}
		waiting, cancel := context.WithTimeout(ctx, quitLimit)
		defer cancel()
		if root.gone(waiting) != nil {
			out.say("%s does not stop in good order; killing it", s.title())
			if err := killTree(context.WithoutCancel(ctx), root); err != nil {
				return err
			}
		}
	}
	return sweep(context.WithoutCancel(ctx), s, members)
}

// sweep ends what may be left of a server whose first process has ended.
func sweep(ctx context.Context, s server, members []process) error {
	// They notice by themselves that their parent has gone; what does not
	// within this time never will.
	noticing, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var left []process
	for _, member := range members {
		if member.gone(noticing) != nil {
			left = append(left, member)
		}
	}
	strays, err := s.strays()
	if err != nil {
		return err
	}
	if err := killAll(ctx, append(left, strays...)); err != nil {
		return err
	}
	return s.forget()
}

// crash ends a server at once.
func crash(ctx context.Context, s server) error {
	if err := killTree(ctx, s.root()); err != nil {
		return fmt.Errorf("kill %s: %w", s.title(), err)
	}
	return sweep(ctx, s, nil)
}

// endStrays frees the way for a new start after a crash of this program.
func endStrays(ctx context.Context, out *output, s server) error {
	strays, err := s.strays()
	if err != nil || len(strays) == 0 {
		return err
	}
	out.say("ending %d processes that an earlier %s of this stack left behind", len(strays), s.title())
	return killAll(ctx, strays)
}
