package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// teller prints what happens, a line at a time. It is safe for concurrent use.
type teller struct {
	mu  sync.Mutex
	out io.Writer
}

func (t *teller) line(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, format+"\n", args...)
}

// lineInterval is the time between two lines on the progress of the load.
const lineInterval = 5 * time.Second

// follow prints the progress of the load at intervals, until stop is called.
func (r *round) follow() (stop func()) {
	ended := make(chan struct{})
	var following sync.WaitGroup
	following.Go(func() {
		ticker := time.NewTicker(lineInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				r.say("%d of %d requests sent", r.load.Sent(), r.drill.requests)
			case <-ended:
				return
			}
		}
	})
	return func() {
		close(ended)
		following.Wait()
	}
}
