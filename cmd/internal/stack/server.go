package stack

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"integr8/cmd/internal/poll"
	"integr8/cmd/internal/ports"
	"integr8/cmd/internal/process"
	"integr8/cmd/internal/proctree"
)

// server is one server process with all its descendants.
type server interface {
	// title returns its name for a person.
	title() string
	// root returns its first process; the zero value when it was not started.
	root() proctree.ID
	// strays finds its processes that are no longer descendants of root.
	strays() ([]proctree.ID, error)
	// start starts it, if it does not run, and returns when it responds.
	start(ctx context.Context) error
	// quit returns the signal that stops it in good order.
	quit() syscall.Signal
	// forget records that it does not run.
	forget() error
}

const (
	// answerLimit is how long a server may take to respond. Both need seconds; the rest
	// is for recovery after a crash, and for a busy machine.
	answerLimit = 2 * time.Minute
	// quitLimit is how long a server may take to stop in good order.
	quitLimit = 30 * time.Second
	// bootAttempts is how often a start is tried when another process takes the chosen
	// port in the meantime.
	bootAttempts = 3
)

// boot holds the steps of a server's start, which all servers share.
type boot struct {
	server
	// ports lists the ports that it is about to use.
	ports func() []int
	// choose chooses the ports.
	choose func() error
	// launch starts the process and records it.
	launch func() error
	// ask returns nil when the server works.
	ask func(ctx context.Context) error
	// log is the file with the reason of its end.
	log string
}

// run starts the server and waits until it responds.
func (b *boot) run(ctx context.Context, say Say) error {
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
			say("somebody took a port of %s while it started; trying others", b.title())
		default:
			return fmt.Errorf("start %s: %w; the end of %s:\n%s", b.title(), err, b.log, process.LogEnd(b.log))
		}
	}
}

// errEnded means that a server ended before it responded.
var errEnded = errors.New("it ended before it answered")

// answers waits until a running server works.
func answers(ctx context.Context, root proctree.ID, ask func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, answerLimit, fmt.Errorf("no answer within %s", answerLimit))
	defer cancel()
	var last error
	err := poll.Until(ctx, 100*time.Millisecond, func() (bool, error) {
		asking, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		last = ask(asking)
		if last == nil {
			return true, nil
		}
		if !root.Alive() {
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

// rejoin checks that a server that runs already also responds.
func rejoin(ctx context.Context, say Say, s server, ask func(ctx context.Context) error) error {
	frozen, err := proctree.Thaw(s.root())
	if err != nil {
		return fmt.Errorf("resume %s: %w", s.title(), err)
	}
	if frozen {
		say("%s was paused; resumed it", s.title())
	}
	if err := answers(ctx, s.root(), ask); err != nil {
		return fmt.Errorf("%s runs as process %d: %w", s.title(), s.root().PID, err)
	}
	return nil
}

// end stops a server in good order. It kills the server when that ignores the signal,
// or when ctx ends first.
func end(ctx context.Context, say Say, s server) error {
	root := s.root()
	members, err := proctree.Members(root)
	if err != nil {
		return err
	}
	if root.Alive() {
		if _, err := proctree.Thaw(root); err != nil {
			return err
		}
		if err := root.Signal(s.quit()); err != nil {
			return err
		}
		waiting, cancel := context.WithTimeout(ctx, quitLimit)
		defer cancel()
		if root.Gone(waiting) != nil {
			say("%s does not stop in good order; killing it", s.title())
			if err := proctree.KillTree(context.WithoutCancel(ctx), root); err != nil {
				return err
			}
		}
	}
	return sweep(context.WithoutCancel(ctx), s, members)
}

// sweep ends the remaining processes of a server whose first process has ended.
func sweep(ctx context.Context, s server, members []proctree.ID) error {
	// The processes notice by themselves that their parent has ended; those that do not
	// within this time never will.
	noticing, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var left []proctree.ID
	for _, member := range members {
		if member.Gone(noticing) != nil {
			left = append(left, member)
		}
	}
	strays, err := s.strays()
	if err != nil {
		return err
	}
	if err := proctree.Kill(ctx, append(left, strays...)); err != nil {
		return err
	}
	return s.forget()
}

// crash kills a server.
func crash(ctx context.Context, s server) error {
	if err := proctree.KillTree(ctx, s.root()); err != nil {
		return fmt.Errorf("kill %s: %w", s.title(), err)
	}
	return sweep(ctx, s, nil)
}

// endStrays ends stray processes before a new start, after a crash of this program.
func endStrays(ctx context.Context, say Say, s server) error {
	strays, err := s.strays()
	if err != nil || len(strays) == 0 {
		return err
	}
	say("ending what an earlier %s of this stack left behind (processes: %d)", s.title(), len(strays))
	return proctree.Kill(ctx, strays)
}
