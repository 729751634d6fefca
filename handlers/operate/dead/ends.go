package dead

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

const (
	// endsInterval is the time between two queries for the outcomes of replayed hits.
	endsInterval = 200 * time.Millisecond
	// endsPages bounds how many pages of hits are queried at a time; the next query
	// continues behind them.
	endsPages = 20
)

// await waits for the outcomes of the published hits until all are known, the wait is
// over or ctx ends. The end of ctx is not an error: the hits stay published.
func (r *Replay) await(ctx context.Context, wait time.Duration, progress Progress) error {
	pending, ends := r.published, map[Became]int64{}
	if wait > 0 {
		waiting, stop := context.WithTimeout(ctx, wait)
		defer stop()
		total := int64(len(pending))
		progress("decided", 0, total)
		for len(pending) > 0 {
			still, err := r.hear(waiting, pending, ends)
			pending = still
			progress("decided", total-int64(len(pending)), total)
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
	r.Result.OnTheWay = &left
	for end, hits := range ends {
		end.Hits = hits
		r.Result.Became = append(r.Result.Became, end)
	}
	slices.SortFunc(r.Result.Became, func(a, b Became) int {
		return cmp.Or(cmp.Compare(b.Hits, a.Hits), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason))
	})
	return nil
}

// hear reads the outcomes of the first pending hits and counts them. It returns the
// hits that are still pending, beginning with those that it did not query.
func (r *Replay) hear(ctx context.Context, pending []Letter, ends map[Became]int64) ([]Letter, error) {
	asked := pending[:min(len(pending), endsPages*pageSize)]
	still := slices.Clone(pending[len(asked):])
	for page := range slices.Chunk(asked, pageSize) {
		heard, err := r.letters.Store.ReplayEnds(ctx, page)
		if err != nil {
			return append(still, asked...), err
		}
		known := make(map[uuid.UUID]bool, len(heard))
		for _, end := range heard {
			known[end.ID] = true
			ends[Became{Outcome: end.Outcome, Reason: end.Reason, DiedAgain: end.Event == Died, Hint: end.Reason.Hint()}]++
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
