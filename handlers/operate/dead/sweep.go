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

// SettleTimeout bounds the time for marking what was just published, which is completed
// even when the operator interrupts.
const SettleTimeout = 10 * time.Second

// sweep does the work on every dead letter that matches the filter, page by page, the
// oldest first, at most PerSecond letters a second.
func (w *Work) sweep(ctx context.Context, progress Progress, do func(context.Context, []Letter) error) error {
	size, limiter := w.pace()
	progress(w.Verb(), w.swept, w.Result.Chosen)
	for {
		page, last, err := w.next(ctx, size)
		if err == nil && last && len(page) == 0 {
			return nil
		}
		if err == nil {
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
		progress(w.Verb(), w.swept, w.Result.Chosen)
		if last {
			return nil
		}
	}
}

// next reads the next page, and reports whether it is the last one. What an earlier run
// had under way comes first.
func (w *Work) next(ctx context.Context, size int) (page []Letter, last bool, err error) {
	if len(w.underWay) > 0 {
		page, err = w.readAgain(ctx)
		return page, false, err
	}
	page, err = w.letters.Store.DeadLetters(ctx, w.filter, OldestFirst, w.behind.after(), size)
	if err != nil {
		return nil, false, err
	}
	if len(page) > 0 {
		w.behind = Behind(&page[len(page)-1])
	}
	w.swept += int64(len(page))
	return page, len(page) < size, nil
}

// pace returns the size of the pages, for about ten pages a second, and the limiter of
// the rate. An act that goes on begins with a wait: how long ago its last page was is not
// known.
func (w *Work) pace() (int, *rate.Limiter) {
	if w.PerSecond == 0 {
		return pageSize, rate.NewLimiter(rate.Inf, pageSize)
	}
	size := int(min(max(w.PerSecond/10, 1), pageSize))
	limiter := rate.NewLimiter(rate.Limit(w.PerSecond), size)
	if w.swept > 0 {
		limiter.AllowN(time.Now(), size)
	}
	return size, limiter
}

// settle adds the act to letters. count takes those that changed
// into the result, of which the keeper keeps the state.
func (w *Work) settle(ctx context.Context, letters []Letter, count func(changed map[uuid.UUID]Status)) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), SettleTimeout)
	defer cancel()
	return w.keeper.Settle(ctx, letters, w.act, func(changed map[uuid.UUID]Status) Checkpoint {
		count(changed)
		return Checkpoint{Behind: w.behind, Swept: w.swept, Result: w.Result}
	})
}
