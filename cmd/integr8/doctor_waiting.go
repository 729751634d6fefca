package main

import (
	"context"
	"fmt"
	"time"

	"integr8/sql/store"
)

// overdueGrace is many rounds of the sweep that ends waits, besides the two
// graces that pass before one ends.
const overdueGrace = 5 * time.Minute

// waiting looks for postbacks whose wait should be over, and for those whose
// click came and did not wake them.
func (e *examination) waiting(ctx context.Context, db *store.Store) {
	stranded, err := db.UnmatchedWithClick(ctx)
	if err != nil {
		e.failed("waiting", err)
		return
	}
	if stranded > 0 {
		e.warn("waiting", party{}, fmt.Sprintf("%d postbacks are unmatched although their click is there", stranded),
			"integr8 dead replay --reason click_never_came decides them anew, by their own receipts, so that none pays twice")
	}
	count, oldest, err := db.Overdue(ctx, e.now.Add(-overdueGrace-2*e.app.settings.LateGrace))
	if err != nil {
		e.failed("waiting", err)
		return
	}
	if count > 0 {
		e.warn("waiting", party{}, fmt.Sprintf("%d postbacks still wait for a click although the late-click window ended, the first one's at %s",
			count, clock(oldest)),
			"workers end these waits once they have caught up with the clicks: look whether they run, how long the queue of clicks is (integr8 queues), and what they log")
	}
}

// replayed looks for dead letters that were published again and of which nothing
// was heard since.
func (e *examination) replayed(ctx context.Context, db *store.Store) {
	silent := store.DeadFilter{State: store.StateSilent}
	letters, err := db.DeadLetters(ctx, silent, store.OldestDeath, nil, examplesShown)
	if err != nil {
		e.failed("dead letters", err)
		return
	}
	states, err := db.CountDeadStates(ctx, silent)
	if err != nil {
		e.failed("dead letters", err)
		return
	}
	total := 0
	for _, state := range states {
		total += int(state.Letters)
	}
	all := make([]example, len(letters))
	for i, one := range letters {
		all[i] = example{
			fmt.Sprintf("receipt %s of account %d was replayed at %s, more than an hour ago, and nothing was heard since", one.ID, one.AccountID, clock(one.StatusAt)),
			party{AccountID: one.AccountID},
		}
	}
	e.several(levelWarning, "dead letters", "dead letters were replayed more than an hour ago, and nothing was heard since",
		"look whether a worker runs (integr8 queues) and what it logs; then publish them again: integr8 dead replay --silent", all, max(0, total-len(all)))
}
