// Package batch is group commit: items that arrive while a batch is under way wait, and
// are flushed together as the next batch.
//
// An item that arrives when nothing is under way is flushed at once, with the items that
// arrive at the same moment. The slower the server responds, the larger the batches
// become. Under load a pace of a few milliseconds prevents many small batches; where
// processors are short, small batches cost more time than the wait. The publisher to
// RabbitMQ and the writers to Postgres use this package.
//
// It guarantees that each item is flushed at least once, unless its caller stops
// waiting, and that an item which fails or panics alone does not fail the others. A
// second flush happens only after the first one failed, see Options.Isolate.
package batch

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// Options bound a Group. The zero value of a field means its default.
type Options[T any] struct {
	// MaxItems is the most items in a batch. Default 128.
	MaxItems int
	// MaxBytes is the most bytes in a batch, as measured by Size; a
	// single larger item is flushed alone. Default: no bound.
	MaxBytes int
	// Size returns an item's bytes. Needed with MaxBytes.
	Size func(T) int
	// Owner returns whose an item is. When more items wait than a batch may hold, each owner
	// has a turn before another has his second, so that the many of one do not delay the few
	// of others. Items of one owner keep their order. Default: all are one owner's.
	Owner func(T) int64
	// Outstanding is how many batches may be under way at once. Default 1,
	// which also keeps items in the order of their calls. While a batch is under
	// way, another one starts only when MaxItems wait for it, or when none has started
	// for 25 ms, because one of them is stalled: many small batches cost the server more
	// than a few large ones, and delay all of them.
	Outstanding int
	// Pace is the least time between the starts of two batches, unless
	// the second is full. The first after a quiet time starts at once. Default
	// 0: none.
	Pace time.Duration
	// Isolate reports whether one item may be the cause of an error that failed a whole
	// batch. If so, the halves of the batch are flushed again, each on its own, and so
	// on, until a bad item fails alone. When that ends with an error that no item can
	// be the cause of, the remaining items get the same error without being flushed.
	// Default: only after a panic, which is always isolated.
	Isolate func(error) bool
}

// stalledAfter is how long after the start of a batch the next one waits to be full. A
// healthy broker or database has responded by then.
const stalledAfter = 25 * time.Millisecond

// Group collects items of many callers into batches. It is safe for concurrent
// use. It needs no close: it has no goroutine when no batch is under way.
type Group[T any] struct {
	options Options[T]
	flush   func([]T) error

	mu        sync.Mutex
	waiting   queue[T]
	active    int
	flushedAt time.Time // when the latest batch started
	// timerAt is when timer checks whether a batch may start; zero while it is not set.
	timerAt time.Time
	timer   *time.Timer
}

// New returns a Group whose batches are handled by flush. flush must bound its own
// time: it gets no caller's context, because a caller that stops waiting must not fail
// the others. Its error is that of every item in the batch.
func New[T any](options Options[T], flush func([]T) error) *Group[T] {
	if options.MaxItems <= 0 {
		options.MaxItems = 128
	}
	if options.Outstanding <= 0 {
		options.Outstanding = 1
	}
	if options.Isolate == nil {
		options.Isolate = func(error) bool { return false }
	}
	return &Group[T]{options: options, flush: flush, waiting: queue[T]{owner: options.Owner}}
}

// Do adds items, which keep their order and may share batches with those
// of other callers, and waits until all are flushed. It returns the error of
// the first item that failed.
//
// When ctx ends before that, Do returns its cause. Items that still waited are then not
// flushed; items that were under way may be flushed or not.
func (g *Group[T]) Do(ctx context.Context, items ...T) error {
	if len(items) == 0 {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c := &call{waiting: len(items), left: len(items), done: make(chan struct{})}
	g.mu.Lock()
	g.waiting.add(c, items)
	g.begin()
	g.mu.Unlock()

	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.left == 0 { // it ended at the same moment
		return c.err
	}
	g.waiting.abandon(c)
	return context.Cause(ctx)
}

// begin starts another batch if items wait and fewer than Outstanding are under way: at
// once, or by timer when it may start. The lock is held.
func (g *Group[T]) begin() {
	if g.active >= g.options.Outstanding || g.waiting.len() == 0 {
		return
	}
	if g.mayFlush(g.active) {
		g.active++
		g.flushedAt = time.Now() // a little early: items that arrive until run takes the batch join it
		go g.run()
		return
	}
	if at := g.flushesAt(g.active); g.timerAt.IsZero() || at.Before(g.timerAt) {
		g.timerAt = at
		if g.timer == nil {
			g.timer = time.AfterFunc(time.Until(at), g.onTimer)
		} else {
			g.timer.Reset(time.Until(at))
		}
	}
}

func (g *Group[T]) onTimer() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.timerAt = time.Time{}
	g.begin()
}

// mayFlush reports whether a batch may start while so many others are under way.
func (g *Group[T]) mayFlush(beside int) bool {
	return g.waiting.len() >= g.options.MaxItems || !time.Now().Before(g.flushesAt(beside))
}

// flushesAt returns when a batch that is not full may start while so many others are
// under way.
func (g *Group[T]) flushesAt(beside int) time.Time {
	if beside == 0 {
		return g.flushedAt.Add(g.options.Pace)
	}
	return g.flushedAt.Add(stalledAfter)
}

// run flushes batches until no item waits, or the waiting items may not be flushed yet.
func (g *Group[T]) run() {
	// Goroutines that are ready to run may add items to this batch: the hits of one AMQP
	// message, or the requests that arrived while a batch was under way.
	runtime.Gosched()
	for first := true; ; first = false {
		g.mu.Lock()
		var taken []entry[T]
		if first || g.mayFlush(g.active-1) {
			taken = g.waiting.take(g.options)
		}
		if len(taken) == 0 {
			g.active--
			g.begin()
			g.mu.Unlock()
			return
		}
		g.flushedAt = time.Now()
		g.mu.Unlock()
		g.carryOut(taken)
	}
}

// carryOut flushes a batch and settles its items. A batch that one of its items may have
// failed is halved, and so is a half that fails again: one bad item
// of n costs its neighbours about log2(n) flushes.
func (g *Group[T]) carryOut(taken []entry[T]) {
	items := make([]T, len(taken))
	for i := range taken {
		items[i] = taken[i].item
	}
	_ = g.halve(taken, items) // halve has settled every item with its own error
}

// halve flushes a batch and, after an error that an item may have caused, its halves. It
// returns an error that no item can be the cause of; the rest is then not flushed.
func (g *Group[T]) halve(taken []entry[T], items []T) error {
	err := g.guarded(items)
	if err == nil {
		g.settle(taken, nil)
		return nil
	}
	isolates := g.isolates(err)
	if len(items) == 1 || !isolates {
		g.settle(taken, err)
		if isolates {
			return nil
		}
		return err
	}
	middle := len(items) / 2
	if err := g.halve(taken[:middle], items[:middle:middle]); err != nil {
		g.settle(taken[middle:], err)
		return err
	}
	return g.halve(taken[middle:], items[middle:])
}

func (g *Group[T]) isolates(err error) bool {
	var panicked *PanicError
	return errors.As(err, &panicked) || g.options.Isolate(err)
}

// settle records the result of these items for their callers.
func (g *Group[T]) settle(taken []entry[T], err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range taken {
		taken[i].call.settle(taken[i].index, err)
	}
}

// guarded calls flush and returns a panic as an error, so that the item that caused it
// can be isolated.
func (g *Group[T]) guarded(items []T) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	return g.flush(items)
}

// PanicError is the error of an item whose flush panicked.
type PanicError struct {
	Value any
	// Stack is the stack of the panic, in the format of runtime/debug.
	Stack []byte
}

// Error returns the panic's value, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }
