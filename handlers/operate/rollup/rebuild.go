package rollup

import (
	"context"
	"time"

	"integr8/handlers/operate/report"
)

// Rebuilt is the result of counting anew.
type Rebuilt struct {
	Period
	// Corrected is how many sums differed from the rows, or those by month from the sums by day.
	Corrected int `json:"corrected"`
}

// Rebuild makes the roll-ups of a period equal to the rows, the newest first. Zero until is
// since when the roll-ups count, or now if since is set, and zero since is the oldest row: so
// that without either it counts what is older than the roll-ups. It can be interrupted, and
// run again. A day whose rows have been dropped keeps its roll-ups; where there are none,
// its conversions are counted.
func (r Rollups) Rebuild(ctx context.Context, since, until time.Time, progress Progress) (Rebuilt, error) {
	span, err := r.Store.RollupSpan(ctx)
	if err != nil {
		return Rebuilt{}, err
	}
	switch {
	case until.IsZero() && since.IsZero():
		until = span.CompleteFrom
	case until.IsZero():
		until = span.Now
	}
	if span.RowsFrom.IsZero() {
		span.RowsFrom = until
	}
	if since.IsZero() {
		since = span.RowsFrom
	}
	rebuilt := Rebuilt{Period: wholeQuarters(since, until)}
	if rebuilt.From.Before(rebuilt.To) {
		if err := r.skip(ctx, &rebuilt.Period, span.CompleteFrom); err != nil {
			return Rebuilt{}, err
		}
	}
	done := int64(0)
	for at := rebuilt.To.Add(-report.Quarter); !at.Before(rebuilt.From); at = at.Add(-report.Quarter) {
		if !rebuilt.skips(at) {
			corrected, err := r.Store.RepairRollups(ctx, at)
			if err != nil {
				return Rebuilt{}, err
			}
			rebuilt.Corrected += corrected
		}
		if rebuilt.beginsDay(at) {
			corrected, err := r.Store.RepairRollupMonth(ctx, dayOf(at))
			if err != nil {
				return Rebuilt{}, err
			}
			rebuilt.Corrected += corrected
		}
		if done++; progress != nil {
			progress(done, rebuilt.quarters())
		}
	}
	if !rebuilt.To.Before(span.CompleteFrom) && !rebuilt.From.After(span.RowsFrom) {
		return rebuilt, r.Store.CompleteRollups(ctx)
	}
	return rebuilt, nil
}
