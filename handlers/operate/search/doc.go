// Package search lists hits and conversions, newest first, however many there are, and
// finds those with a value: see Find.
//
// A list is read page by page, and each statement searches a bounded span of time, so that
// memory stays constant, a search that finds little shows how far it has come, and an
// interrupted list goes on behind the last row that was seen: see Cursor. New rows
// appear before that place, and are not missed by a list that began earlier, unless a
// receiver kept them on its disk until the list had passed their time of receipt.
package search

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Store is the record of hits and conversions. Each method reads one moment of it.
type Store interface {
	// Hits reads at most limit hits that the filter chooses within a span, newest first.
	Hits(ctx context.Context, filter Filter, span Span, limit int) ([]Hit, error)
	// Conversions does the same for conversions.
	Conversions(ctx context.Context, filter Filter, span Span, limit int) ([]Conversion, error)
	// FindHits reads at most limit hits with the values of the filter within a span of
	// one day of UTC, newest first.
	FindHits(ctx context.Context, filter Filter, span Span, limit int) ([]Hit, error)
	// NamedBy returns the ids of the hits and conversions of a transaction_id.
	NamedBy(ctx context.Context, transaction uuid.UUID) ([]uuid.UUID, error)
	// FindableSince is the time before which hits were stored so that FindHits does not
	// find them; the zero time where it finds all.
	FindableSince(ctx context.Context) (time.Time, error)
	// DroppedDays lists the days of a period whose hits retention has dropped.
	DroppedDays(ctx context.Context, from, to time.Time) ([]time.Time, error)
	// OldestHits is the time before which there are hits only with an odd clock's time,
	// and OldestConversion the time of the first conversion; now where there is none.
	OldestHits(ctx context.Context) (time.Time, error)
	OldestConversion(ctx context.Context) (time.Time, error)
}

// Searches are the use cases. They hold no state of their own and may be called from many
// goroutines at once.
type Searches struct {
	Store Store
	// Progress is called with how far a list has come, unless it is nil.
	Progress func(Progress)
	// Budget is how long Find searches at most, 0 for as long as it takes. It returns
	// what it has found by then.
	Budget time.Duration
}

// Progress is how far a list has come.
type Progress struct {
	// Rows is how many rows were found so far.
	Rows int64
	// Back is the time down to which all is read, and Share the part of the whole span
	// that this is, from 0 to 1.
	Back  time.Time
	Share float64
}

// Span is a range of ids, which begin with their time: from First to before End.
type Span struct{ First, End uuid.UUID }
