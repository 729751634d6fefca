package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

const (
	// endsInterval is between two looks at what became of replayed hits.
	endsInterval = 200 * time.Millisecond
	// endsPages bounds how many pages of hits one look asks for; the next look
	// goes on behind them.
	endsPages = 20
)

// await looks for what becomes of the published hits until all are known, the
// wait is over or ctx ends, which is no failure: what was published stays so.
func (r *replayRun) await(ctx context.Context, wait time.Duration) error {
	pending, ends := r.published, map[deadBecame]int64{}
	if wait > 0 {
		waiting, stop := context.WithTimeout(ctx, wait)
		defer stop()
		bar := newProgress(r.app.stderr, "decided", int64(len(pending)))
		defer bar.finish()
		for len(pending) > 0 {
			still, err := r.hear(waiting, pending, ends)
			bar.add(len(pending) - len(still))
			pending = still
			if err != nil && waiting.Err() == nil {
				return fmt.Errorf("all were published, but what became of them cannot be read: %w", err)
			}
			select {
			case <-waiting.Done():
				stop()
			case <-time.After(endsInterval):
			}
			if waiting.Err() != nil {
				break
			}
		}
	}
	left := int64(len(pending))
	r.result.OnTheWay = &left
	for end, hits := range ends {
		end.Hits = hits
		r.result.Became = append(r.result.Became, end)
	}
	slices.SortFunc(r.result.Became, func(a, b deadBecame) int {
		return cmp.Or(cmp.Compare(b.Hits, a.Hits), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason))
	})
	return nil
}

// hear asks for what became of the first hits that are pending, counts it, and
// returns those that still are, beginning with what was not asked for.
func (r *replayRun) hear(ctx context.Context, pending []store.DeadLetter, ends map[deadBecame]int64) ([]store.DeadLetter, error) {
	asked := pending[:min(len(pending), endsPages*deadPage)]
	still := slices.Clone(pending[len(asked):])
	for page := range slices.Chunk(asked, deadPage) {
		heard, err := r.db.ReplayEnds(ctx, page)
		if err != nil {
			return append(still, asked...), err
		}
		known := make(map[[16]byte]bool, len(heard))
		for _, end := range heard {
			known[end.ID] = true
			ends[deadBecame{Outcome: end.Outcome, Reason: end.Reason, DiedAgain: end.Event == store.DeadDied, Hint: end.Reason.Hint()}]++
		}
		for _, letter := range page {
			if !known[letter.ID] {
				still = append(still, letter)
			}
		}
		asked = asked[len(page):]
	}
	return still, nil
}

// becameTable writes a line an end.
func (w *deadWork) becameTable(t *table) {
	for _, end := range w.result.Became {
		what := string(end.Outcome)
		if end.DiedAgain {
			what = "died again: " + what
		}
		if end.Reason != attribution.None {
			what += ", " + string(end.Reason)
		}
		t.row(fmt.Sprintf("%6d  %s", end.Hits, what))
		if end.Hint != "" {
			t.row("        " + end.Hint)
		}
	}
	if left := w.result.OnTheWay; left != nil && *left > 0 {
		t.row(fmt.Sprintf("%6d  still on the way: integr8 dead list --status replayed shows what is not heard of", *left))
	}
}
