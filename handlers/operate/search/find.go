package search

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/pipeline/token"
)

// DefaultSpan is how far back Find searches by a value by default.
const DefaultSpan = 24 * time.Hour

// Query is what Find searches for: a receipt, a transaction_id, or values of Filter.
type Query struct {
	Filter
	Receipt, TransactionID uuid.UUID
	// Limit is how many ids of hits and conversions are found at most.
	Limit  int
	Behind Cursor
}

// Found is what Find found, newest first.
type Found struct {
	Hits []Hit `json:"hits"`
	// Conversions are those with the values themselves, and those that the hits made.
	Conversions []Conversion `json:"conversions"`
	// NotLookedAt says in sentences where else there may be more.
	NotLookedAt []string `json:"not_looked_at"`
	// Next goes on behind the last one; null when all is found that was searched.
	Next *Cursor `json:"next"`
}

// ErrNothingAsked means that a query has no receipt, transaction_id or value.
var ErrNothingAsked = errors.New("nothing to find is named")

// hasValue reports whether the filter has a value to find.
func (f *Filter) hasValue() bool { return f.conversionHasValue() || !f.Token.IsZero() }

// conversionHasValue reports whether it has one that conversions have, too.
func (f *Filter) conversionHasValue() bool {
	return f.OrderID != "" || f.ExternalID != "" || f.SubID != "" || f.DeviceID != "" || f.IP.IsValid() || f.EmailHash != ""
}

// Find returns the hits and conversions of a receipt, of a transaction_id, or with all
// values of the query, as far as it looked: a day unless the query says since when, and
// no longer than the Budget.
func (r Searches) Find(ctx context.Context, q Query) (Found, error) {
	var s *found
	var err error
	switch {
	case q.Receipt != uuid.Nil:
		s, err = r.byID(ctx, q, []uuid.UUID{q.Receipt})
	case q.TransactionID != uuid.Nil:
		var ids []uuid.UUID
		if ids, err = r.Store.NamedBy(ctx, q.TransactionID); err == nil {
			s, err = r.byID(ctx, q, ids)
		}
	case q.hasValue():
		s, err = r.byValue(ctx, q)
	default:
		err = ErrNothingAsked
	}
	if err != nil {
		return Found{}, err
	}
	result := s.result(q.Limit)
	return result, r.addMade(ctx, q.AccountID, &result)
}

// byID reads hits and conversions with these ids.
func (r Searches) byID(ctx context.Context, q Query, ids []uuid.UUID) (*found, error) {
	s := &found{}
	span, err := q.span(q.Behind)
	if err != nil || len(ids) == 0 { // no ids would exclude nothing
		return s, err
	}
	q.Filter.IDs, q.Filter.Tests = ids, true // a test that is named is asked for
	if s.hits, err = r.Store.Hits(ctx, q.Filter, span, q.Limit+1); err != nil {
		return nil, err
	}
	s.conversions, err = r.Store.Conversions(ctx, q.Filter, span, q.Limit+1)
	return s, err
}

// byValue searches hits slice by slice, and then conversions as far back as that went.
func (r Searches) byValue(ctx context.Context, q Query) (*found, error) {
	s := &found{}
	until := time.Now()
	if !q.Until.IsZero() && q.Until.Before(until) {
		until = q.Until
	}
	if q.Since.IsZero() {
		q.Since = until.Add(-DefaultSpan)
		s.miss("hits and conversions before " + operate.Clock(q.Since) + " UTC; `--since` looks further back")
	}
	span, err := q.span(q.Behind)
	if err != nil {
		return nil, err
	}
	if span.First, err = r.findHits(ctx, q, span, s); err != nil {
		return nil, err
	}
	if q.SubID != "" {
		s.miss("sub_id_2 to sub_id_6")
	}
	if !q.conversionHasValue() {
		return s, nil // the hits that it finds name theirs
	}
	listed := Searches{Store: r.Store}
	q.Filter.Since, q.Filter.Until = time.Time{}, time.Time{} // the span is narrower
	read := func(ctx context.Context, span Span, limit int) ([]Conversion, error) {
		return r.Store.Conversions(ctx, q.Filter, span, limit)
	}
	for c, err := range each(listed.walk(ctx, span, timeOf(span.First), q.Limit+1), read, func(c *Conversion) uuid.UUID { return c.ID }) {
		if err != nil {
			return nil, err
		}
		if s.conversions = append(s.conversions, c); len(s.conversions) > q.Limit {
			break
		}
	}
	return s, nil
}

// Slices of a day: a value that many hits have is found in the first, and for any other
// each of them costs a look into the index of the whole day.
var slices24 = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour}

// findHits finds hits down to the beginning of the span, until there are enough or the
// budget is spent, and returns how far it came.
func (r Searches) findHits(ctx context.Context, q Query, span Span, s *found) (uuid.UUID, error) {
	began := time.Now()
	first, err := r.searchable(ctx, span, s)
	if err != nil {
		return uuid.Nil, err
	}
	end, slice := span.End, 0
	if soon := token.FirstID(began.Add(time.Hour)); bytes.Compare(soon[:], end[:]) < 0 {
		end = soon // a receiver's clock may be ahead
	}
	for bytes.Compare(first[:], end[:]) < 0 {
		from := sliceBefore(end, slices24[min(slice, len(slices24)-1)])
		if bytes.Compare(from[:], first[:]) < 0 {
			from = first
		}
		page, err := r.Store.FindHits(ctx, q.Filter, Span{from, end}, q.Limit+1-len(s.hits))
		if err != nil {
			return uuid.Nil, err
		}
		s.hits = append(s.hits, page...)
		if end, slice = from, slice+1; len(s.hits) > q.Limit {
			return s.hits[q.Limit-1].ID, nil
		}
		if r.Budget > 0 && time.Since(began) > r.Budget && bytes.Compare(first[:], end[:]) < 0 {
			s.stopped = end
			s.miss("hits and conversions before " + operate.Clock(timeOf(end)) + " UTC: the search took its time. The cursor goes on there")
			return end, nil
		}
	}
	return span.First, nil
}

// searchable returns where the hits of a span begin that have keys, and says what is
// missing.
func (r Searches) searchable(ctx context.Context, span Span, s *found) (uuid.UUID, error) {
	from, to := timeOf(span.First), timeOf(span.End)
	if now := time.Now(); to.After(now) {
		to = now
	}
	dropped, err := r.Store.DroppedDays(ctx, from, to)
	if err != nil {
		return uuid.Nil, err
	}
	for _, day := range dropped {
		s.miss("hits of " + day.Format(time.DateOnly) + ": retention has dropped them")
	}
	since, err := r.Store.FindableSince(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	if from.Before(since) {
		s.miss("hits that were stored before " + operate.Clock(since) + " UTC, by an earlier version")
	}
	// Hits of that day may have been stored later, by a replay or from a receiver's disk.
	if day := token.FirstID(since.Truncate(24 * time.Hour)); !since.IsZero() && bytes.Compare(span.First[:], day[:]) < 0 {
		return day, nil
	}
	return span.First, nil
}

// sliceBefore is the beginning of a slice that ends at end, within one day of UTC.
func sliceBefore(end uuid.UUID, length time.Duration) uuid.UUID {
	last := timeOf(end)
	if token.FirstID(last) == end { // the id before it is of the millisecond before
		last = last.Add(-time.Millisecond)
	}
	return token.FirstID(later(last.Truncate(24*time.Hour), timeOf(end).Add(-length).UTC()))
}

// addMade adds the conversions of the account (0: of any) that the hits made and that are
// not found yet.
func (r Searches) addMade(ctx context.Context, account int64, result *Found) error {
	known := map[uuid.UUID]bool{}
	for _, c := range result.Conversions {
		known[c.ID] = true
	}
	var missing []uuid.UUID
	for _, h := range result.Hits {
		if h.ConversionID != nil && *h.ConversionID == h.ID && !known[h.ID] {
			missing = append(missing, h.ID)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	made, err := r.Store.Conversions(ctx, Filter{IDs: missing, AccountID: account, Tests: true}, Span{uuid.Nil, uuid.Max}, len(missing))
	result.Conversions = append(result.Conversions, made...)
	slices.SortFunc(result.Conversions, func(a, b Conversion) int { return bytes.Compare(b.ID[:], a.ID[:]) })
	return err
}
