package trace

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/token"
)

// times are those in an id and those of the conversions of its story: on their days
// clicks and hits of the story were recorded.
func (t *Trace) times(id uuid.UUID) []time.Time {
	times := []time.Time{token.TransactionID(id).Time()}
	if t.IssuedAt != nil {
		times = append(times, *t.IssuedAt)
	}
	for _, conversion := range t.Conversions {
		times = append(times, conversion.ConvertedAt)
	}
	return times
}

// droppedDays returns the days of these times of which retention has dropped clicks or
// hits, in order.
func (t Traces) droppedDays(ctx context.Context, times ...time.Time) ([]string, error) {
	var dropped []string
	for _, at := range times {
		begin := at.UTC().Truncate(24 * time.Hour)
		day := begin.Format(time.DateOnly)
		if slices.Contains(dropped, day) {
			continue
		}
		days, err := t.Store.DroppedDays(ctx, begin, begin.Add(24*time.Hour))
		if err != nil {
			return nil, err
		}
		if len(days) > 0 {
			dropped = append(dropped, day)
		}
	}
	slices.Sort(dropped)
	return dropped, nil
}
