package dead

import (
	"context"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"
)

// Progress reports the progress of long work: done of total in the step with this name.
// It is called at the beginning of a step, and after each page.
type Progress func(step string, done, total int64)

// settleTimeout bounds the time for marking what was just published, which is completed
// even when the operator interrupts.
const settleTimeout = 10 * time.Second

// sweep does the work on every dead letter that matches the filter, page by page, the
// oldest first, at most perSecond letters a second; 0 is no bound.
func (w *Work) sweep(ctx context.Context, perSecond float64, progress Progress, do func(context.Context, []Letter) error) error {
	size, limiter := pace(perSecond)
	swept := int64(0)
	progress(w.Verb(), swept, w.Result.Chosen)
	var after *Letter
	for {
		page, err := w.letters.Store.DeadLetters(ctx, w.filter, OldestFirst, after, size)
		if err == nil && len(page) == 0 {
			return nil
		}
		if err == nil {
			after = &page[len(page)-1]
			err = limiter.WaitN(ctx, len(page))
		}
		if ctx.Err() != nil {
			w.Result.Interrupted = true
			return nil
		}
		if err == nil {
			err = do(ctx, page)
		}
		if err != nil {
			return err
		}
		swept += int64(len(page))
		progress(w.Verb(), swept, w.Result.Chosen)
		if len(page) < size {
			return nil // it was the last
		}
	}
}

// pace returns the size of the pages, for about ten pages a second, and the limiter of
// the rate.
func pace(perSecond float64) (int, *rate.Limiter) {
	if perSecond == 0 {
		return pageSize, rate.NewLimiter(rate.Inf, pageSize)
	}
	size := int(min(max(perSecond/10, 1), pageSize))
	return size, rate.NewLimiter(rate.Limit(perSecond), size)
}

// settle adds an act to letters and returns the status of those that it changed.
func (w *Work) settle(ctx context.Context, letters []Letter, act Act) (map[uuid.UUID]Status, error) {
	if len(letters) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	return w.letters.Store.SettleDeadLetters(ctx, letters, act)
}
