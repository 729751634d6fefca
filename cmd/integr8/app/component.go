package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// component is a part of a process.
type component struct {
	name string
	// stops says when it is stopped, beside the others.
	stops stage
	// run works until ctx ends, and then comes to its end in good order. Its error
	// ends the process. nil for what only has to be closed.
	run func(ctx context.Context) error
	// close lets go of what the component holds. It is called once run has returned,
	// or where the process does not come to run. nil for nothing.
	close func() error
	// ready says what the component means for the readiness of the process.
	ready readiness
}

// stage is when a component stops. The components of a stage stop together, once
// those of the stage before have ended.
type stage int

const (
	// working is for what takes hits in, hands them on and decides them, and for what
	// looks after them. Each finishes what it has under way.
	working stage = iota
	// stating is for what says last what the doors have promised.
	stating
	// publishing is the way to the broker, which those before use to their end.
	publishing
	// spooling is the disk, to which hits go until the doors have closed.
	spooling
	// watching is the admin address, so that it can be seen how far a stop has come.
	watching
	// storing is the database, which the admin address asks as well.
	storing
	stages
)

// lifecycle runs the components of a process.
type lifecycle struct {
	logger     *slog.Logger
	components []component
}

func (l *lifecycle) add(components ...component) {
	l.components = append(l.components, components...)
}

// abandon closes the components of a process that does not come to run.
func (l *lifecycle) abandon() error {
	var errs []error
	for stage := range stages {
		for _, c := range l.components {
			if c.stops == stage {
				errs = append(errs, c.end())
			}
		}
	}
	return errors.Join(errs...)
}

// run works until ctx ends or a component fails, and then stops all of them in the
// order of their stages. It returns the errors in the order in which they happened.
func (l *lifecycle) run(ctx context.Context) error {
	ctx, fail := context.WithCancel(ctx)
	defer fail()
	var mu sync.Mutex
	var errs []error
	var running [stages]sync.WaitGroup
	var stop [stages]context.CancelFunc
	for stage := range stages {
		var stageCtx context.Context
		stageCtx, stop[stage] = context.WithCancel(context.WithoutCancel(ctx))
		defer stop[stage]()
		for _, c := range l.components {
			if c.stops != stage {
				continue
			}
			running[stage].Go(func() {
				err := c.live(stageCtx)
				l.logger.Debug("a part of the process has ended", "part", c.name)
				if err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
					fail()
				}
			})
		}
	}
	<-ctx.Done()
	for stage := range stages {
		stop[stage]()
		running[stage].Wait()
	}
	return errors.Join(errs...)
}

// live is the life of a component.
func (c component) live(ctx context.Context) error {
	if c.run == nil {
		<-ctx.Done()
		return c.end()
	}
	return errors.Join(c.run(ctx), c.end())
}

func (c component) end() error {
	if c.close == nil {
		return nil
	}
	return c.close()
}
