// Package batch is group commit: what arrives while earlier work is under way
// waits, and leaves together when a place is free.
//
// It adds no delay. With nothing under way an item leaves at once and alone;
// the busier the far side is, the larger the batches get. RabbitMQ's
// publisher and the database writers both stand on it.
package batch

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
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
	// Outstanding is how many batches may be under way at once. Default 1.
	Outstanding int
	// Isolate says of an error that failed a whole batch whether one of its
	// items may be the cause. Then each item is flushed again on its own, so
	// that a bad one fails alone. Default: never.
	Isolate func(error) bool
}

// Group gathers items of many callers into batches.
type Group[T any] struct {
	options Options[T]
	flush   func([]T) error

	mu      sync.Mutex
	waiting []*entry[T]
	active  int
}

type entry[T any] struct {
	item T
	done chan error
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
// of other callers, and waits until all are flushed. It answers the first
// error that one of them met. When ctx ends first, Do answers its error and
// the items' fate is unknown: they may still be flushed.
func (g *Group[T]) Do(ctx context.Context, items ...T) error {
	entries := make([]*entry[T], len(items))
	for i, item := range items {
		entries[i] = &entry[T]{item: item, done: make(chan error, 1)}
	}
	g.mu.Lock()
	g.waiting = append(g.waiting, entries...)
	if g.active < g.options.Outstanding && len(g.waiting) > 0 {
		g.active++
		go g.run()
	}
	g.mu.Unlock()

	var first error
	for _, e := range entries {
		select {
		case err := <-e.done:
			if first == nil {
				first = err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return first
}

// run flushes batches until nothing waits.
func (g *Group[T]) run() {
	for {
		g.mu.Lock()
		taken := g.take()
		if len(taken) == 0 {
			g.active--
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.settle(taken)
	}
}

// take removes the next batch from the queue. It is called under the lock.
func (g *Group[T]) take() []*entry[T] {
	n, bytes := 0, 0
	for n < len(g.waiting) && n < g.options.MaxItems {
		if g.options.MaxBytes > 0 {
			bytes += g.options.Size(g.waiting[n].item)
			if n > 0 && bytes > g.options.MaxBytes {
				break
			}
		}
		n++
	}
	taken := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	if len(g.waiting) == 0 {
		g.waiting = nil
	}
	return taken
}

func (g *Group[T]) settle(taken []*entry[T]) {
	items := make([]T, len(taken))
	for i, e := range taken {
		items[i] = e.item
	}
	err := g.guarded(items)
	if err != nil && len(items) > 1 && g.options.Isolate(err) {
		for i, e := range taken {
			e.done <- g.guarded(items[i : i+1])
		}
		return
	}
	for _, e := range taken {
		e.done <- err
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

// PanicError is what Do answers for items whose flush panicked.
type PanicError struct {
	Value any
	Stack []byte
}

// Error tells the panic's value, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }
