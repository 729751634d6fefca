package doctor

import (
	"context"
	"fmt"

	"integr8/handlers/operate"
)

// rollups looks for hits that reports do not count: those from before the roll-ups.
func (e *examination) rollups(ctx context.Context, db Store) {
	span, err := db.RollupSpan(ctx)
	if err != nil {
		e.failed("roll-ups", err)
		return
	}
	if span.RowsFrom.IsZero() || !span.RowsFrom.Before(span.CompleteFrom) {
		return
	}
	e.warn("roll-ups", Party{}, fmt.Sprintf("reports do not count the hits received from %s to %s UTC, which came before there were roll-ups",
		operate.Clock(span.RowsFrom), operate.Clock(span.CompleteFrom)),
		"run `integr8 rollup rebuild`: it counts them while everything else goes on")
}
