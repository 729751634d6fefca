package doctor

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
)

// overdueGrace is many rounds of the sweep that ends waits, in addition to the two
// graces that pass before a wait ends.
const overdueGrace = 5 * time.Minute

// waiting looks for postbacks whose wait should be over, and for postbacks that were
// not decided when their click came.
func (e *examination) waiting(ctx context.Context, db Store) {
	stranded, err := db.UnmatchedWithClick(ctx)
	if err != nil {
		e.failed("waiting", err)
		return
	}
	if stranded > 0 {
		e.warn("waiting", Party{}, unmatchedWithClick(stranded),
			"have them decided anew, by their own receipts, so that none pays twice: `integr8 dead replay --reason click_never_came`")
	}
	overdue, oldest, err := db.Overdue(ctx, e.now.Add(-overdueGrace-2*e.system.LateGrace))
	if err != nil {
		e.failed("waiting", err)
		return
	}
	if overdue > 0 {
		e.warn("waiting", Party{}, fmt.Sprintf("%s for a click although the late-click window ended, the first one's at %s",
			operate.Count(overdue, "postback", "still waits", "still wait"), operate.Clock(oldest)),
			"workers end these waits once they have caught up with the clicks: check that they run, the length of the queue of clicks (`integr8 queues`), and their logs")
	}
}

func unmatchedWithClick(n int64) string {
	if n == 1 {
		return "1 postback is unmatched although its click is there"
	}
	return fmt.Sprintf("%d postbacks are unmatched although their click is there", n)
}

// replayed looks for dead letters that were replayed and have had no news since.
func (e *examination) replayed(ctx context.Context, db Store) {
	silent := dead.Filter{State: dead.StateSilent}
	letters, err := db.DeadLetters(ctx, silent, dead.OldestFirst, nil, ExamplesShown)
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
	all := make([]Example, len(letters))
	for i, one := range letters {
		all[i] = Example{
			fmt.Sprintf("receipt %s of account %d was replayed at %s, more than an hour ago, and nothing was heard since", one.ID, one.AccountID, operate.Clock(one.StatusAt)),
			Party{AccountID: one.AccountID},
		}
	}
	e.several(Warning, "dead letters", "dead letters were replayed more than an hour ago, and nothing was heard since",
		"check that a worker runs (`integr8 queues`), and its log; then publish them again: `integr8 dead replay --silent`", all, max(0, total-len(all)))
}
