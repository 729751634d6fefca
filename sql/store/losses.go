package store

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate/doctor"
	"integr8/pipeline/token"
)

// LosingConversions returns groups of conversions, received since the given time, whose
// payout is higher than their revenue: at most limit groups, the largest loss first.
// Conversions at the offer's own fixed terms are left out.
func (s *Store) LosingConversions(ctx context.Context, since time.Time, limit int) (doctor.Losses, error) {
	var rows []struct {
		doctor.Loss
		Groups int64 `db:"groups"`
		Total  int64 `db:"total"`
	}
	if err := selectRows(ctx, s.db, &rows, "conversions/losing", args{"first_id": token.FirstID(since), "most": limit}); err != nil {
		return doctor.Losses{}, fmt.Errorf("look for conversions that paid more than they brought: %w", err)
	}
	var found doctor.Losses
	for _, row := range rows {
		found.Worst = append(found.Worst, row.Loss)
		found.Groups, found.Conversions = row.Groups, row.Total
	}
	return found, nil
}
