package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"integr8/handlers/operate/report"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/sql/store/pg"
)

// rollupSum is a sum of roll-ups; a column by which nothing was summed up is empty.
type rollupSum struct {
	Label       int64           `db:"label"`
	AccountID   int64           `db:"account_id"`
	OfferID     int64           `db:"offer_id"`
	PublisherID int64           `db:"publisher_id"`
	Kind        hit.Kind        `db:"kind"`
	Outcome     outcome.Outcome `db:"outcome"`
	Reason      outcome.Reason  `db:"reason"`
	Currency    string          `db:"currency"`
	Hits        int64           `db:"hits"`
	Bots        int64           `db:"bots"`
	Revenue     decimal.Decimal `db:"revenue"`
	Payout      decimal.Decimal `db:"payout"`
}

// rollupQuery says by what roll-ups are summed up, beside the kind, the outcome and the
// currency.
type rollupQuery struct {
	filter                                    report.Filter
	spans                                     []report.Span
	byAccount, byOffer, byPublisher, byReason bool
	outcomes                                  []outcome.Outcome // empty for all
}

// grain returns the coarsest grain of rollups that has what the query needs.
func (q rollupQuery) grain() int {
	grain := 0
	if q.byPublisher || q.filter.PublisherID != 0 {
		grain |= grainPublisher
	}
	if q.byOffer || q.filter.OfferID != 0 {
		grain |= grainOffer
	}
	return grain
}

// The bits of rollups.grain.
const (
	grainPublisher = 1 << iota
	grainOffer
)

// readRollups reads sums in one snapshot of the database.
func (s *Store) readRollups(ctx context.Context, q rollupQuery) ([]rollupSum, error) {
	if len(q.spans) == 0 {
		return nil, nil
	}
	var sums []rollupSum
	err := s.readIn(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		sums = nil
		if _, err := execute(ctx, tx, "sessions/sum_in_memory", nil); err != nil {
			return err
		}
		return selectRows(ctx, tx, &sums, "rollups/read", rollupArguments(q))
	})
	if err != nil {
		return nil, fmt.Errorf("read roll-ups: %w", err)
	}
	return sums, nil
}

// rollupArguments returns the arguments of rollups/read.
func rollupArguments(q rollupQuery) args {
	outcomes := make([]string, len(q.outcomes))
	for i, one := range q.outcomes {
		outcomes[i] = string(one)
	}
	days, dayLabels := wholeDays(q.spans, q.filter.To)
	return args{
		"begins":       pg.Times(func(s report.Span) time.Time { return s.Begin })(q.spans),
		"labels":       pg.Bigints(func(s report.Span) int64 { return int64(s.Label) })(q.spans),
		"until":        q.filter.To,
		"whole_days":   pq.Array(days),
		"cut_days":     pq.Array(cutDays(q.spans, days)),
		"day_labels":   pg.Bigints(func(label int64) int64 { return label })(dayLabels),
		"by_month":     q.grain() == grainPublisher|grainOffer && oneLabel(dayLabels),
		"grain":        q.grain(),
		"by_account":   q.byAccount,
		"by_offer":     q.byOffer,
		"by_publisher": q.byPublisher,
		"by_reason":    q.byReason,
		"account_id":   q.filter.AccountID,
		"offer_id":     q.filter.OfferID,
		"publisher_id": q.filter.PublisherID,
		"outcomes":     pq.Array(outcomes),
	}
}

// cutDays returns the days of UTC of which some span is a part. whole are the others,
// ascending.
func cutDays(spans []report.Span, whole []string) []string {
	cut := []string{}
	for _, span := range spans {
		day := span.Begin.UTC().Format(time.DateOnly)
		if _, found := slices.BinarySearch(whole, day); !found && (len(cut) == 0 || cut[len(cut)-1] != day) {
			cut = append(cut, day)
		}
	}
	return cut
}

// oneLabel reports whether days have the same label.
func oneLabel(labels []int64) bool {
	return len(labels) > 0 && !slices.ContainsFunc(labels, func(label int64) bool { return label != labels[0] })
}

// wholeDays returns the days of UTC that are a span each, and the labels of all days from
// the first to the last of them; 0 where a day is no whole span.
func wholeDays(spans []report.Span, until time.Time) (days []string, labels []int64) {
	const day = 24 * time.Hour
	var first time.Time
	for i, span := range spans {
		end := until
		if i+1 < len(spans) {
			end = spans[i+1].Begin
		}
		if end.Sub(span.Begin) != day {
			continue // a span lies within a day of UTC
		}
		if len(days) == 0 {
			first = span.Begin
		}
		days = append(days, span.Begin.UTC().Format(time.DateOnly))
		for len(labels) < int(span.Begin.Sub(first)/day) {
			labels = append(labels, 0)
		}
		labels = append(labels, int64(span.Label))
	}
	return days, labels
}

// RolledUpFrom returns since when hits are counted in the roll-ups.
func (s *Store) RolledUpFrom(ctx context.Context) (time.Time, error) {
	var state rollupState
	err := s.read(ctx, func(ctx context.Context, db *sqlx.DB) (err error) {
		state, err = readRollupState(ctx, db)
		return err
	})
	return state.CompleteFrom, err
}
