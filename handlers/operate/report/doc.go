// Package report counts what happened in a period: clicks, conversions and money; the
// reasons of hits that came to no good end; offers that are sent both forms of
// postback; and orders that were paid more than once.
//
// A hit belongs to the period in which it was received, and a conversion to that of its
// hit, however late it was decided. All times are in UTC, but for days and hours of a
// zone.
//
// Counts and reasons are read from roll-ups, in whole quarter hours. Sub ids, conflicts
// and orders are read from rows.
package report

import (
	"context"
	"time"

	"integr8/handlers/operate/reference"
)

// Store reads the figures. Each call reads one moment of the database; the calls for
// one report may read different moments.
type Store interface {
	reference.NamedStore
	// Report counts clicks, conversions and money, in order of account and of the
	// dimensions. The period is of whole quarter hours.
	Report(context.Context, Filter, By) ([]Row, error)
	// ReportBySubID is the same from rows, of at most limit clicks, the newest. It returns
	// since when it counted.
	ReportBySubID(ctx context.Context, filter Filter, by By, limit int) (rows []Row, since time.Time, err error)
	// ReportHits counts the hits by outcome.
	ReportHits(context.Context, Filter) ([]HitCount, error)
	// ReportReasons counts the hits that were rejected, unmatched or failed, the most
	// frequent reason first. It leaves the hints empty.
	ReportReasons(context.Context, Filter) ([]Reason, error)
	// ReportConflicts lists the offers for which both URL forms were used, those with
	// the most repeated conversions first. It leaves the hints empty.
	ReportConflicts(context.Context, Filter) ([]Conflict, error)
	// ReportOrders lists the order ids for which an offer paid more than once, at most
	// limit of them, the most expensive first. It also returns how many there are.
	ReportOrders(ctx context.Context, filter Filter, limit int) (orders []Order, total int, err error)
	// MinuteHits counts the hits of an account (0: of all) by minute and outcome since a
	// time, which is at most two days ago.
	MinuteHits(ctx context.Context, account int64, since time.Time) ([]MinuteHits, error)
	// DroppedDays lists the days of a period whose clicks or hits retention has dropped,
	// the earliest first. to is exclusive.
	DroppedDays(ctx context.Context, from, to time.Time) ([]time.Time, error)
	// RolledUpFrom returns since when hits are counted in the roll-ups.
	RolledUpFrom(ctx context.Context) (time.Time, error)
}

// Reports are the use cases. They hold no state of their own and may be called from
// many goroutines at once.
type Reports struct{ Store Store }
