package main

import (
	"context"
	"time"

	"github.com/google/uuid"

	"integr8/sql/store"
)

// settleTimeout bounds the marking of what was just published, which is
// finished even when the operator interrupts.
const settleTimeout = 10 * time.Second

// sweep does the work on every dead letter that the filter chooses, a page at a
// time, the oldest first.
func (w *deadWork) sweep(ctx context.Context, do func(context.Context, []store.DeadLetter) error) error {
	return w.paced(ctx, perSecond(0), do)
}

// paced is sweep at a rate.
func (w *deadWork) paced(ctx context.Context, rate perSecond, do func(context.Context, []store.DeadLetter) error) error {
	size, limiter := rate.pace()
	bar := newProgress(w.app.stderr, w.action.verb, w.result.Chosen)
	defer bar.finish()
	var after *store.DeadLetter
	for {
		page, err := w.db.DeadLetters(ctx, w.filter, store.OldestDeath, after, size)
		if err == nil && len(page) == 0 {
			return nil
		}
		if err == nil {
			after = &page[len(page)-1]
			err = limiter.WaitN(ctx, len(page))
		}
		if ctx.Err() != nil {
			w.result.Interrupted = true
			return nil
		}
		if err == nil {
			err = do(ctx, page)
		}
		if err != nil {
			return err
		}
		bar.add(len(page))
		if len(page) < size {
			return nil // it was the last
		}
	}
}

// mark marks a page.
func (w *deadWork) mark(ctx context.Context, page []store.DeadLetter) error {
	marked, err := settle(ctx, w.db, page, w.action.act)
	w.result.Done += int64(len(marked))
	return err
}

func settle(ctx context.Context, db *store.Store, done []store.DeadLetter, act store.DeadAct) (map[uuid.UUID]store.DeadStatus, error) {
	if len(done) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return db.SettleDeadLetters(ctx, done, act)
}
