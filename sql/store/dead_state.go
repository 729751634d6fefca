package store

import (
	"context"
	"fmt"

	"integr8/handlers/operate/dead"
)

// statusesOf returns the statuses of a state, and which replayed letters belong to it:
// "silent", "on_the_way", or "" for either.
func statusesOf(s dead.State) (statuses []string, replayed string) {
	switch s {
	case "":
		return []string{}, ""
	case dead.StateAttention:
		return []string{string(dead.Open), string(dead.Replayed)}, string(dead.StateSilent)
	case dead.StateSilent, dead.StateOnTheWay:
		return []string{string(dead.Replayed)}, string(s)
	default:
		return []string{string(s)}, ""
	}
}

// CountDeadStates counts the dead letters that the filter selects by state, in
// no order.
func (s *Store) CountDeadStates(ctx context.Context, filter dead.Filter) ([]dead.StateCount, error) {
	var counts []dead.StateCount
	if err := selectRows(ctx, s.db, &counts, "dead_letters/count_by_state", chosenBy(filter)); err != nil {
		return nil, fmt.Errorf("count dead letters by state: %w", err)
	}
	return counts, nil
}
