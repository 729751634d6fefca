// Package batch is group commit: what arrives while earlier work is under way
// waits, and leaves together when a place is free.
//
// After a quiet time an item leaves at once, with those that arrive in the same
// moment; the busier the far side is, the larger the batches get. Under load a
// pace of a few milliseconds keeps batches from being many and small, which
// costs more time than it takes where processors are short. RabbitMQ's
// publisher and the database writers both stand on it.
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
	// MaxItems is the most items that leave together. Default 128.
	MaxItems int
	// MaxBytes is the most bytes that leave together, as told by Size; a
	// single larger item still leaves, alone. Default: no bound.
	MaxBytes int
	// Size tells an item's bytes. Needed with MaxBytes.
	Size func(T) int
	// Outstanding is how many batches may be under way at once. Default 1,
	// which also keeps items in the order in which they were handed in. A
	// further batch joins those under way only when MaxItems wait for it, or
	// when none has left for a while, because one of them is held up: many
	// small batches cost the far side more than a few large ones, and make
	// all of them late.
	Outstanding int
	// Pace is the least time from one batch that leaves to the next, unless
	// that one is full. The first after a quiet time leaves at once. Default
	// 0: none.
	Pace time.Duration
	// Isolate says of an error that failed a whole batch whether one of its
	// items may be the cause. Then its halves are flushed again, each on its
	// own, and so on, until a bad item fails alone; when that meets an error
	// that no item can be the cause of, the items that are left get the same
	// error untried.
	// Default: only after a panic, which is always isolated.
	Isolate func(error) bool
}

// heldUp is how long after a batch has left the next one waits no longer to be
// full: a healthy broker or database has answered by then.
const heldUp = 25 * time.Millisecond

// Group gathers items of many callers into batches. It is safe for concurrent
// use and has nothing to close: no goroutine is left when nothing is under way.
type Group[T any] struct {
	options Options[T]
	flush   func([]T) error

	mu      sync.Mutex
	waiting queue[T]
	active  int
	left    time.Time // when the latest batch left
	// looksAt is when timer looks whether a batch may leave; zero when it
	// does not.
	looksAt time.Time
	timer   *time.Timer
}

// New makes a Group whose batches are carried out by flush, which must bound
// its own time: no caller's context reaches it, because one caller that gives
// up must not fail the others. flush answers for the whole batch.
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
	return &Group[T]{options: options, flush: flush}
}

// Do hands in items, which keep their order and may share batches with those
// of other callers, and waits until all are flushed. It answers the error of
// the first of them that met one.
//
// When ctx ends before that, Do answers its cause. Items that still waited
// are not flushed any more; of those under way the fate is unknown.
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
	if c.left == 0 { // it was done in the same moment
		return c.err
	}
	g.waiting.abandon(c)
	return context.Cause(ctx)
}

// begin lets another batch leave, if something waits and a place is free: at
// once, or as soon as it may. The lock is held.
func (g *Group[T]) begin() {
	if g.active >= g.options.Outstanding || g.waiting.len() == 0 {
		return
	}
	if g.mayLeave(g.active) {
		g.active++
		g.left = time.Now() // nearly: who comes in between goes along
		go g.run()
		return
	}
	if at := g.leavesAt(g.active); g.looksAt.IsZero() || at.Before(g.looksAt) {
		g.looksAt = at
		if g.timer == nil {
			g.timer = time.AfterFunc(time.Until(at), g.look)
		} else {
			g.timer.Reset(time.Until(at))
		}
	}
}

func (g *Group[T]) look() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looksAt = time.Time{}
	g.begin()
}

// mayLeave reports whether a batch may leave beside that many others.
func (g *Group[T]) mayLeave(beside int) bool {
	return g.waiting.len() >= g.options.MaxItems || !time.Now().Before(g.leavesAt(beside))
}

// leavesAt is when a batch that is not full may leave beside that many others.
func (g *Group[T]) leavesAt(beside int) time.Time {
	if beside == 0 {
		return g.left.Add(g.options.Pace)
	}
	return g.left.Add(heldUp)
}

// run flushes batches until nothing waits, or what waits is left to the
// batches under way.
func (g *Group[T]) run() {
	// Whoever can go on now may hand something in too: the hits of one AMQP
	// message, or the requests that arrived while a batch was under way.
	runtime.Gosched()
	for first := true; ; first = false {
		g.mu.Lock()
		var taken []entry[T]
		if first || g.mayLeave(g.active-1) {
			taken = g.waiting.take(g.options)
		}
		if len(taken) == 0 {
			g.active--
			g.begin()
			g.mu.Unlock()
			return
		}
		g.left = time.Now()
		g.mu.Unlock()
		g.carryOut(taken)
	}
}

// carryOut flushes a batch and settles its items. A batch that fails, perhaps
// by one of them, is halved, and so is the half that fails again: one bad item
// of n costs its neighbours about log2(n) flushes.
func (g *Group[T]) carryOut(taken []entry[T]) {
	items := make([]T, len(taken))
	for i := range taken {
		items[i] = taken[i].item
	}
	_ = g.halve(taken, items) // every item has its error
}

// halve returns the error that no item can be the cause of, if it met one:
// what is left is then not tried.
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

// settle tells the callers what became of their items.
func (g *Group[T]) settle(taken []entry[T], err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range taken {
		taken[i].call.settle(taken[i].index, err)
	}
}

// guarded turns a panic into an error, so that the item that caused it can be
// found and the others go on.
func (g *Group[T]) guarded(items []T) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	return g.flush(items)
}

// PanicError is what Do answers for an item whose flush panicked.
type PanicError struct {
	Value any
	// Stack is where, in the form of runtime/debug.
	Stack []byte
}

// Error returns the panic's value, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }
