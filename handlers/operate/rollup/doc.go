// Package rollup compares roll-ups with the rows that they count, and counts anew what
// differs. It goes by quarter hours, so that a long period takes no more memory than a
// short one, and hits may be written meanwhile.
package rollup

import (
	"context"
	"errors"
	"time"

	"github.com/shopspring/decimal"
)

// Store has the roll-ups and the rows.
type Store interface {
	// RollupSpan returns since when there are rows and roll-ups.
	RollupSpan(context.Context) (Span, error)
	// RollupDifferences compares a quarter hour, which begins then, in one snapshot. It
	// returns at most so many differences, and the number of all.
	RollupDifferences(ctx context.Context, begin time.Time, most int) (found []Difference, total int, err error)
	// RollupMonthDifferences does the same for a day and the sums by month.
	RollupMonthDifferences(ctx context.Context, day time.Time, most int) (found []Difference, total int, err error)
	// RepairRollups makes the roll-ups of a quarter hour equal to the rows, and returns how
	// many sums differed. It returns ErrBusy while another process repairs.
	RepairRollups(ctx context.Context, begin time.Time) (int, error)
	// RepairRollupMonth makes the sums by month of a day equal to those of its quarter
	// hours.
	RepairRollupMonth(ctx context.Context, day time.Time) (int, error)
	// CompleteRollups records that the roll-ups count all rows.
	CompleteRollups(context.Context) error
	// DroppedDays lists the days of a period whose clicks or hits retention has
	// dropped, the earliest first.
	DroppedDays(ctx context.Context, from, to time.Time) ([]time.Time, error)
}

// Rollups are the use cases. They hold no state of their own and may be called from many
// goroutines at once.
type Rollups struct{ Store Store }

// Span is since when there are rows and roll-ups.
type Span struct {
	// RowsFrom is the time of the oldest hit or conversion, zero without any.
	RowsFrom time.Time
	// CompleteFrom is since when all hits are counted.
	CompleteFrom time.Time
	// Now is the time by the database's clock.
	Now time.Time
}

// Difference is what the rows of a quarter hour have more than a sum of the roll-ups; it
// is negative where they have less.
type Difference struct {
	Begins time.Time `db:"begins" json:"begins"`
	// Grain says which ids the sum is by: 3 offer and publisher, 2 offer, 1 publisher, 0
	// none. Those that it is not by are 0. OfDay is a sum by offer and publisher in the
	// sums by month, of the day that begins then.
	Grain       int             `db:"grain" json:"grain"`
	AccountID   int64           `db:"account_id" json:"account_id"`
	OfferID     int64           `db:"offer_id" json:"offer"`
	PublisherID int64           `db:"publisher_id" json:"publisher"`
	Kind        string          `db:"kind" json:"kind"`
	Outcome     string          `db:"outcome" json:"outcome"`
	Reason      string          `db:"reason" json:"reason"`
	Currency    string          `db:"currency" json:"currency"`
	Hits        int64           `db:"hits" json:"hits"`
	Bots        int64           `db:"bots" json:"bots"`
	Revenue     decimal.Decimal `db:"revenue" json:"revenue"`
	Payout      decimal.Decimal `db:"payout" json:"payout"`
}

// OfDay is the Grain of a sum of a day in the sums by month.
const OfDay = 4 | 3

// Progress is called after each quarter hour with the number that are done and of all.
type Progress func(done, total int64)

// ErrBusy means that another process counts roll-ups anew.
var ErrBusy = errors.New("another process counts roll-ups anew")
