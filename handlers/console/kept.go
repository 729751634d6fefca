package console

import (
	"context"
	"sync"
	"time"
)

// kept keeps what a slow use case returned for each account, and reads it anew in the
// background when somebody asks for it and it is old. So the number of viewers does not
// decide how often it is read, and no viewer waits for it longer than patience.
type kept[T any] struct {
	console *Console
	read    func(ctx context.Context, account int64) (T, error)
	// fresh is the age up to which a value is not read anew, and bound how long it may
	// take to read one.
	fresh, bound time.Duration

	mu    sync.Mutex
	items map[int64]*item[T]
}

// item is a value with when it was read. Its error is that of the latest attempt; the value
// is the latest that there was.
type item[T any] struct {
	Value T
	At    time.Time
	Err   error
	// tried is when the latest attempt ended; done is closed when the one under way ends.
	tried, asked time.Time
	done         chan struct{}
}

// Known reports whether there is a value.
func (i item[T]) Known() bool { return !i.At.IsZero() }

const (
	// patience is how long a page waits for all that was never read.
	patience = 150 * time.Millisecond
	// mostKept bounds for how many accounts values are kept.
	mostKept = 256
)

// ask begins to read what is old, and returns what there is.
func (k *kept[T]) ask(account int64) *item[T] {
	k.mu.Lock()
	defer k.mu.Unlock()
	found := k.of(account)
	if found == nil {
		return &item[T]{}
	}
	if found.done == nil && time.Since(found.tried) > k.fresh {
		k.begin(found, account)
	}
	return found
}

// get returns what there is. It waits for what was never read until ctx ends; an item that
// is not Known comes later.
func (k *kept[T]) get(ctx context.Context, account int64) item[T] {
	found := k.ask(account)
	k.mu.Lock()
	now, done := *found, found.done
	k.mu.Unlock()
	if now.Known() || now.Err != nil || done == nil {
		return now
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return *found
}

// forget drops what was read, which somebody has changed.
func (k *kept[T]) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.items = nil
}

// of returns the item of an account. It makes room by dropping the one that was asked for
// longest ago and is not being read; nil when all are.
func (k *kept[T]) of(account int64) *item[T] {
	if k.items == nil {
		k.items = map[int64]*item[T]{}
	}
	if k.items[account] == nil {
		if len(k.items) >= mostKept && !k.dropOldest() {
			return nil
		}
		k.items[account] = &item[T]{}
	}
	k.items[account].asked = time.Now()
	return k.items[account]
}

// dropOldest reports whether there was one to drop.
func (k *kept[T]) dropOldest() bool {
	var oldest int64
	var at time.Time
	for account, one := range k.items {
		if one.done == nil && (at.IsZero() || one.asked.Before(at)) {
			oldest, at = account, one.asked
		}
	}
	if at.IsZero() {
		return false
	}
	delete(k.items, oldest)
	return true
}

// begin reads in the background.
func (k *kept[T]) begin(into *item[T], account int64) {
	into.done = make(chan struct{})
	k.console.reading.Go(func() {
		ctx, cancel := context.WithTimeout(k.console.background, k.bound)
		defer cancel()
		value, err := k.read(ctx, account)
		k.mu.Lock()
		defer k.mu.Unlock()
		if into.Err, into.tried = err, time.Now(); err == nil {
			into.Value, into.At = value, into.tried
		}
		close(into.done)
		into.done = nil
	})
}
