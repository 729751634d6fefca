package doctor

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate"
)

// How far back doctor looks: a day for mistakes of senders, so that a mistake that was
// corrected yesterday is not reported; a week for rare and lasting problems.
const (
	mistakesWindow = 24 * time.Hour
	lastingWindow  = 7 * 24 * time.Hour
)

// pagesRead is how many pages of hits a check reads at most, because no index leads to
// the hits of a token or of an offer. 100,000 pages of 8 KiB hold about 1.2 million
// hits, and a check of them takes 3 s on a busy machine.
const pagesRead = 100_000

// window is how far back a check of hits looks.
type window struct {
	from time.Time
	// within is the window in words.
	within string
	// cut is set when the window is shorter than the requested span.
	cut bool
}

// window returns the part of a span that a check of hits reads: all of it, or the
// latest part that fits into pagesRead.
func (e *examination) window(ctx context.Context, db Store, span time.Duration) (window, error) {
	from, err := db.HitsWithin(ctx, e.now.Add(-span), e.now, pagesRead)
	switch {
	case err != nil:
		return window{}, err
	case from.After(e.now.Add(-span)):
		return window{from, "since " + operate.Clock(from), true}, nil
	case span == mistakesWindow:
		return window{from, "in a day", false}, nil
	default:
		return window{from, "within a week", false}, nil
	}
}

// extent notes when there are more hits than the checks read.
func (e *examination) extent(ctx context.Context, db Store) {
	for _, about := range []struct {
		span   time.Duration
		checks string
	}{
		{mistakesWindow, "pixels, conflicts and the use of tokens"},
		{lastingWindow, "conflicts and unused tokens"},
	} {
		w, err := e.window(ctx, db, about.span)
		if err != nil {
			e.failed("hits", err)
			return
		}
		if w.cut {
			e.note("hits", fmt.Sprintf("not looked at: hits before %s for %s, because there are too many to read", operate.Clock(w.from), about.checks),
				"`integr8 report --conflicts` reads all of a period")
			return
		}
	}
}
