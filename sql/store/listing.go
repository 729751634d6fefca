package store

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/search"
	"integr8/pipeline/token"
	"integr8/sql/store/pg"
)

// Hits returns at most limit hits that the filter selects within a span, newest first.
func (s *Store) Hits(ctx context.Context, filter search.Filter, span search.Span, limit int) ([]search.Hit, error) {
	var page []search.Hit
	if err := readRows(ctx, s, &page, "hits/list", hitsBy(filter).with(pageOf(span, limit))); err != nil {
		return nil, fmt.Errorf("read hits: %w", err)
	}
	return page, nil
}

// Conversions returns at most limit conversions that the filter selects within a span,
// newest first.
func (s *Store) Conversions(ctx context.Context, filter search.Filter, span search.Span, limit int) ([]search.Conversion, error) {
	var page []search.Conversion
	if err := readRows(ctx, s, &page, "conversions/list", conversionsBy(filter).with(pageOf(span, limit))); err != nil {
		return nil, fmt.Errorf("read conversions: %w", err)
	}
	return page, nil
}

// OldestHits returns the beginning of the earliest day of hits, or the present time
// without one. Earlier hits are only those with the time of an odd clock.
func (s *Store) OldestHits(ctx context.Context) (time.Time, error) {
	var days []time.Time
	if err := readRows(ctx, s, &days, "hits/oldest_day", nil); err != nil {
		return time.Time{}, fmt.Errorf("look for the oldest hits: %w", err)
	}
	if len(days) == 0 {
		return time.Now(), nil
	}
	return days[0].UTC(), nil
}

// OldestConversion returns the time of the earliest conversion, or the present time
// without one.
func (s *Store) OldestConversion(ctx context.Context) (time.Time, error) {
	var ids []uuid.UUID
	if err := readRows(ctx, s, &ids, "conversions/oldest", nil); err != nil {
		return time.Time{}, fmt.Errorf("look for the oldest conversion: %w", err)
	}
	if len(ids) == 0 {
		return time.Now(), nil
	}
	return token.TransactionID(ids[0]).Time(), nil
}

func pageOf(span search.Span, limit int) args {
	return args{"first_id": span.First, "end_id": span.End, "page": limit}
}

// hitsBy returns the arguments of hits/chosen.
func hitsBy(f search.Filter) args {
	return args{
		"ids":          pg.IDs(f.IDs),
		"account_id":   f.AccountID,
		"offer_id":     f.OfferID,
		"publisher_id": f.PublisherID,
		"kind":         string(f.Kind),
		"outcome":      string(f.Outcome),
		"reason":       string(f.Reason),
		"tests":        f.Tests,
	}
}

// conversionsBy returns the arguments of conversions/list without those of its page.
func conversionsBy(f search.Filter) args {
	return args{
		"ids":          pg.IDs(f.IDs),
		"account_id":   f.AccountID,
		"offer_id":     f.OfferID,
		"publisher_id": f.PublisherID,
		"kind":         string(f.Kind),
		"status":       f.Status,
		"event":        f.Event,
		"currency":     f.Currency,
		"order_id":     f.OrderID,
		"external_id":  f.ExternalID,
		"sub_id":       f.SubID,
		"device_id":    f.DeviceID,
		"ip":           addressOrNull(f.IP),
		"email_hash":   f.EmailHash,
		"tests":        f.Tests,
	}
}

// addressOrNull returns nil for the zero address, which excludes nothing.
func addressOrNull(address netip.Addr) *string {
	if !address.IsValid() {
		return nil
	}
	text := address.Unmap().WithZone("").String()
	return &text
}
