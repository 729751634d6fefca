package main

import (
	"context"
	"fmt"

	"integr8/cmd/chaos/check"
)

// rollups compares the roll-ups with the rows, as an operator would.
func (r *round) rollups(ctx context.Context) error {
	differs, err := r.system.CheckRollups(ctx)
	if err != nil {
		return fmt.Errorf("compare the roll-ups with the rows: %w", err)
	}
	if differs != "" {
		r.note(check.Violation{Rule: check.UnequalRollups, Expected: "sums that equal the rows", Found: differs})
	}
	return nil
}
