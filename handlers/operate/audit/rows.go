package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/books"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
)

// Numbered is a row of a hit with its number.
type Numbered struct {
	Receipt     uuid.UUID
	Incarnation int64
	Topic       string
	Number      int64
}

// ConversionDifference is a hit that converted and has no conversion, or a conversion
// without such a hit.
type ConversionDifference struct {
	ID         uuid.UUID `db:"id"`
	WithoutHit bool      `db:"without_hit"`
}

// Rows reads the rows that the books are about. The store implements it.
type Rows interface {
	Store
	// FirstHitDay returns the first day whose hits are kept; false when there is none.
	FirstHitDay(ctx context.Context) (time.Time, bool, error)
	// EachNumber calls use with each row of a hit received from a time to before another.
	EachNumber(ctx context.Context, from, to time.Time, use func(Numbered)) error
	// RemovedNumbers returns the numbers of hits whose rows were deleted in good order.
	RemovedNumbers(ctx context.Context) ([]books.Block, error)
	// ConversionDifferences compares the hits that converted with the conversions.
	ConversionDifferences(ctx context.Context, from, to time.Time, most int) ([]ConversionDifference, error)
}

// Comparison compares what is settled with the rows of hits, and these with conversions.
type Comparison struct {
	// Since is the time from which hits were compared, Rows how many.
	Since time.Time `json:"since"`
	Rows  int64     `json:"rows"`
	// Deleted counts settled hits without a row, and Doubled rows with the number of
	// another row.
	Deleted int64 `json:"deleted"`
	Doubled int64 `json:"doubled"`
	// WithoutConversion counts hits that converted and have no conversion, WithoutHit
	// conversions without such a hit.
	WithoutConversion int64 `json:"without_conversion"`
	WithoutHit        int64 `json:"without_hit"`
	// Differences are examples, at most MostMissing.
	Differences []Difference `json:"differences"`
}

// The differences.
const (
	Deleted           = "deleted"
	Doubled           = "doubled"
	WithoutConversion = "without_conversion"
	WithoutHit        = "without_hit"
)

// Difference is one place where rows differ from the books.
type Difference struct {
	// What is one of the constants.
	What string `json:"what"`
	// Receipt is the row; null for a deleted one.
	Receipt     *uuid.UUID `json:"receipt"`
	Incarnation int64      `json:"incarnation,omitempty"`
	Queue       string     `json:"queue,omitempty"`
	First       int64      `json:"first,omitempty"`
	Last        int64      `json:"last,omitempty"`
	// PromisedAfter and PromisedBefore are when deleted ones were promised.
	PromisedAfter  *time.Time `json:"promised_after,omitempty"`
	PromisedBefore *time.Time `json:"promised_before,omitempty"`
}

// Err returns an error when rows differ.
func (c Comparison) Err() error {
	all := c.Deleted + c.Doubled + c.WithoutConversion + c.WithoutHit
	if all == 0 {
		return nil
	}
	return failure.WithHint(fmt.Errorf("%d differences between rows and books", all),
		"somebody has changed rows by hand, or a backup was restored in part")
}

// margin is how much earlier than its statement a hit may have been received, in the
// order of a request's longest time.
const margin = time.Hour

// Compare compares what is settled with the rows, from a time on and at most from the
// first day whose rows are kept. It takes as long as it takes to read all rows: progress
// is called with the share that is done.
func Compare(ctx context.Context, rows Rows, since time.Time, progress func(done float64)) (Comparison, error) {
	first, kept, err := rows.FirstHitDay(ctx)
	if err != nil {
		return Comparison{}, err
	}
	since = later(since, first.Add(margin))
	// The books first: what is settled meanwhile has a row, and is looked up as such.
	streams, at, err := rows.Books(ctx, 0)
	if err != nil {
		return Comparison{}, err
	}
	c := &comparing{Comparison: Comparison{Since: since, Differences: []Difference{}}, found: map[key]*pageOfRows{}}
	if !kept {
		return c.Comparison, nil
	}
	if err := c.read(ctx, rows, since.Add(-margin), at, progress); err != nil {
		return Comparison{}, err
	}
	removed, err := rows.RemovedNumbers(ctx)
	if err != nil {
		return Comparison{}, err
	}
	for _, block := range removed {
		c.page(key{block.Incarnation, block.Topic}).add(block)
	}
	for _, s := range streams {
		c.compare(s, since)
	}
	return c.Comparison, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

type key struct {
	incarnation int64
	topic       string
}

// pageOfRows is the numbers of a stream that have a row.
type pageOfRows map[int64]*books.Bits

func (p pageOfRows) block(block int64) *books.Bits {
	if p[block] == nil {
		p[block] = new(books.Bits)
	}
	return p[block]
}

func (p pageOfRows) add(added books.Block) {
	own := p.block(added.Block)
	for i, bits := range added.Numbers {
		own[i] |= bits
	}
}

type comparing struct {
	Comparison
	found map[key]*pageOfRows
}

func (c *comparing) page(of key) *pageOfRows {
	if c.found[of] == nil {
		c.found[of] = &pageOfRows{}
	}
	return c.found[of]
}

// ahead is more than the clock of any receiver is before that of the database. A hit
// bears the time of its receiver.
const ahead = 100 * 365 * 24 * time.Hour

// read reads the rows, an hour at a time. The last hour has no end.
func (c *comparing) read(ctx context.Context, rows Rows, from, to time.Time, progress func(float64)) error {
	var end time.Time
	for hour := from.Truncate(time.Hour); hour.Before(to); hour = end {
		if end = hour.Add(time.Hour); !end.Before(to) {
			end = to.Add(ahead)
		}
		if err := rows.EachNumber(ctx, hour, end, c.row); err != nil {
			return err
		}
		differences, err := rows.ConversionDifferences(ctx, hour, end, MostMissing)
		if err != nil {
			return err
		}
		for _, one := range differences {
			c.conversion(one)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		progress(min(1, float64(end.Sub(from))/float64(to.Sub(from))))
	}
	return nil
}

func (c *comparing) row(row Numbered) {
	c.Rows++
	block, place := books.BlockOf(row.Number)
	numbers := c.page(key{row.Incarnation, row.Topic}).block(block)
	if numbers.Has(place) {
		c.Doubled++
		c.differ(Difference{What: Doubled, Receipt: &row.Receipt, Incarnation: row.Incarnation, Queue: rabbit.QueueOf(row.Topic), First: row.Number, Last: row.Number})
	}
	numbers.Add(place)
}

func (c *comparing) conversion(one ConversionDifference) {
	what := WithoutConversion
	if one.WithoutHit {
		what = WithoutHit
		c.WithoutHit++
	} else {
		c.WithoutConversion++
	}
	c.differ(Difference{What: what, Receipt: &one.ID})
}

func (c *comparing) differ(difference Difference) {
	if len(c.Differences) < MostMissing {
		c.Differences = append(c.Differences, difference)
	}
}

// compare compares the settled numbers of a stream with its rows. Numbers that are
// settled after the books were read may have a row already.
func (c *comparing) compare(s *books.Stream, since time.Time) {
	base, upTo := s.StatedBy(since), s.PromisedTo()
	rows := books.Settled{Open: *c.page(key{s.Incarnation, s.Topic})}
	withdrawn := s.Withdrawn()
	unsettled := s.Settled.Missing(base, upTo, withdrawn)
	for _, span := range books.Without(rows.Missing(base, upTo, withdrawn), unsettled) {
		from, until := s.PromisedWithin(span)
		c.Deleted += span.Hits()
		c.differ(Difference{What: Deleted, Incarnation: s.Incarnation, Queue: rabbit.QueueOf(s.Topic), First: span.First, Last: span.Last,
			PromisedAfter: orNull(from), PromisedBefore: orNull(until)})
	}
}
