package app

import (
	"context"
	"sync"
)

// beside runs the work of the API that outlives its request, until the process stops.
type beside struct {
	stopped context.Context
	stop    context.CancelFunc

	mu      sync.Mutex
	running sync.WaitGroup
}

func newBeside() *beside {
	stopped, stop := context.WithCancel(context.Background())
	return &beside{stopped: stopped, stop: stop}
}

// start begins a piece of work. Once the process stops, it is told so at once.
func (b *beside) start(work func(stopped context.Context)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped.Err() != nil {
		// Nobody waits for more, and the work ends as it begins.
		work(b.stopped)
		return
	}
	b.running.Go(func() { work(b.stopped) })
}

// run waits until ctx ends, and then until all work has ended.
func (b *beside) run(ctx context.Context) error {
	<-ctx.Done()
	b.mu.Lock()
	b.stop()
	b.mu.Unlock()
	b.running.Wait()
	return nil
}
