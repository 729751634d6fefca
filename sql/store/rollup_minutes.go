package store

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate/report"
)

// MinuteHits counts the hits of an account (0: of all) by minute and outcome since a time,
// which is at most two days ago.
func (s *Store) MinuteHits(ctx context.Context, account int64, since time.Time) ([]report.MinuteHits, error) {
	var counts []report.MinuteHits
	if err := readRows(ctx, s, &counts, "rollups/minutes", args{"account_id": account, "since": since}); err != nil {
		return nil, fmt.Errorf("count hits by minute: %w", err)
	}
	return counts, nil
}
