package store

import (
	"context"
	"fmt"
	"time"

	sqlfiles "integr8/sql"
)

// TokenUse counts the hits that came with a token, by way in.
type TokenUse struct {
	AccountID int64 `db:"account_id"`
	TokenID   int64 `db:"token_id"`
	Postbacks int64 `db:"postbacks"`
	Pixels    int64 `db:"pixels"`
	Clickless int64 `db:"clickless"`
}

// TokensUsedInTwoWays lists the tokens without a purpose that came by more than
// one way in since the given time, those in pixels first, at most limit.
func (s *Store) TokensUsedInTwoWays(ctx context.Context, since time.Time, limit int) ([]TokenUse, error) {
	var uses []TokenUse
	if err := s.db.SelectContext(ctx, &uses, sqlfiles.Query("tokens_used_in_two_ways"), firstID(since), limit); err != nil {
		return nil, fmt.Errorf("find tokens that are used in two ways: %w", err)
	}
	return uses, nil
}

// UnusedTokens lists the tokens, imported ones too, that were made before the given
// time and with which no hit has come since. Tokens that have ended and those of
// paused offers are left out.
func (s *Store) UnusedTokens(ctx context.Context, since time.Time) ([]Token, error) {
	var rows []tokenRow
	if err := s.db.SelectContext(ctx, &rows, sqlfiles.Query("unused_tokens"), since, firstID(since)); err != nil {
		return nil, fmt.Errorf("find unused tokens: %w", err)
	}
	return tokensOf(rows)
}

func tokensOf(rows []tokenRow) ([]Token, error) {
	tokens := make([]Token, 0, len(rows))
	for i := range rows {
		token, err := rows[i].token()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, token)
	}
	return tokens, nil
}
