package search

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"github.com/google/uuid"

	"integr8/pipeline/token"
)

// ErrPeriod means that the period ends before it begins.
var ErrPeriod = errors.New("the period ends before it begins")

// Hits yields the hits that the filter chooses behind a cursor, newest first. It ends
// with the first error. wanted is how many the caller will take, 0 for all: it saves work
// and bounds nothing.
func (r Searches) Hits(ctx context.Context, filter Filter, behind Cursor, wanted int) (iter.Seq2[Hit, error], error) {
	span, err := filter.span(behind)
	if err != nil {
		return nil, err
	}
	oldest, err := r.Store.OldestHits(ctx)
	if err != nil {
		return nil, err
	}
	read := func(ctx context.Context, span Span, limit int) ([]Hit, error) {
		page, err := r.Store.Hits(ctx, filter, span, limit)
		for i := range page {
			page[i].read()
		}
		return page, err
	}
	return each(r.walk(ctx, span, oldest, wanted), read, func(h *Hit) uuid.UUID { return h.ID }), nil
}

// Conversions yields the conversions that the filter chooses behind a cursor, newest
// first. It ends with the first error. wanted is as for Hits.
func (r Searches) Conversions(ctx context.Context, filter Filter, behind Cursor, wanted int) (iter.Seq2[Conversion, error], error) {
	span, err := filter.span(behind)
	if err != nil {
		return nil, err
	}
	oldest, err := r.Store.OldestConversion(ctx)
	if err != nil {
		return nil, err
	}
	read := func(ctx context.Context, span Span, limit int) ([]Conversion, error) {
		return r.Store.Conversions(ctx, filter, span, limit)
	}
	return each(r.walk(ctx, span, oldest, wanted), read, func(c *Conversion) uuid.UUID { return c.ID }), nil
}

// span is the range of ids that the filter and the cursor leave.
func (f Filter) span(behind Cursor) (Span, error) {
	span := Span{uuid.Nil, uuid.Max}
	if !f.Since.IsZero() {
		span.First = token.FirstID(f.Since)
	}
	if !f.Until.IsZero() {
		span.End = token.FirstID(f.Until)
	}
	if bytes.Compare(span.First[:], span.End[:]) >= 0 {
		return Span{}, ErrPeriod
	}
	if !behind.IsZero() && bytes.Compare(behind.id[:], span.End[:]) < 0 {
		span.End = behind.id
	}
	return span, nil
}
