package store

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
)

// TokensUsedInTwoWays returns the tokens without a purpose that were used in more than
// one way in since the given time, at most limit, those in pixels first.
func (s *Store) TokensUsedInTwoWays(ctx context.Context, since time.Time, limit int) ([]doctor.TokenUse, error) {
	var uses []doctor.TokenUse
	if err := selectRows(ctx, s.db, &uses, "tokens/used_in_two_ways", args{"first_id": token.FirstID(since), "most": limit}); err != nil {
		return nil, fmt.Errorf("find tokens that are used in two ways: %w", err)
	}
	return uses, nil
}

// UnusedTokens returns the tokens, including imported ones, that were made before a time
// and with which no hit has come since another time. It leaves out expired tokens and
// those of paused offers.
func (s *Store) UnusedTokens(ctx context.Context, madeBefore, since time.Time) ([]reference.StoredToken, error) {
	var rows []tokenRow
	if err := selectRows(ctx, s.db, &rows, "tokens/unused", args{"made_before": madeBefore, "first_id": token.FirstID(since)}); err != nil {
		return nil, fmt.Errorf("find unused tokens: %w", err)
	}
	return tokensOf(rows)
}

func tokensOf(rows []tokenRow) ([]reference.StoredToken, error) {
	tokens := make([]reference.StoredToken, 0, len(rows))
	for i := range rows {
		token, err := rows[i].token()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, token)
	}
	return tokens, nil
}
