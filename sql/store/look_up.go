package store

import (
	"context"
	"fmt"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
	"integr8/sql/store/pg"
)

// FindTokens returns tokens by their digests. The result lacks tokens that do not exist,
// but includes expired ones, because the rules check that.
func (s *Store) FindTokens(ctx context.Context, digests []token.Digest) (map[token.Digest]attribution.Token, error) {
	var rows []tokenRow
	asked := pg.Byteas(func(d token.Digest) []byte { return d[:] })(digests)
	if err := selectRows(ctx, s.db, &rows, "tokens/find", args{"digests": asked}); err != nil {
		return nil, fmt.Errorf("look up tokens (%d): %w", len(digests), err)
	}
	found := make(map[token.Digest]attribution.Token, len(rows))
	for i := range rows {
		token, err := rows[i].token()
		if err != nil {
			return nil, err
		}
		found[token.Digest] = token.Token
	}
	return found, nil
}

// FindOffers returns offers by account and id. The result lacks those that do not exist.
func (s *Store) FindOffers(ctx context.Context, ids []attribution.PartyID) (map[attribution.PartyID]attribution.Offer, error) {
	known, err := identityKnownUntil(ctx, s.db)
	if err != nil {
		return nil, err
	}
	var rows []offerRow
	accounts, numbers := partyColumns(ids)
	if err := selectRows(ctx, s.db, &rows, "offers/find", args{"account_ids": accounts, "ids": numbers}); err != nil {
		return nil, fmt.Errorf("look up offers (%d): %w", len(ids), err)
	}
	found := make(map[attribution.PartyID]attribution.Offer, len(rows))
	for i := range rows {
		offer, err := rows[i].offer()
		if err != nil {
			return nil, err
		}
		offer.KnownUntil = known
		found[attribution.PartyID{AccountID: offer.AccountID, ID: offer.ID}] = offer.Offer
	}
	return found, nil
}

// FindPublishers returns publishers by account and id. The result lacks those that do not
// exist.
func (s *Store) FindPublishers(ctx context.Context, ids []attribution.PartyID) (map[attribution.PartyID]attribution.Publisher, error) {
	var rows []reference.Publisher
	accounts, numbers := partyColumns(ids)
	if err := selectRows(ctx, s.db, &rows, "publishers/find", args{"account_ids": accounts, "ids": numbers}); err != nil {
		return nil, fmt.Errorf("look up publishers (%d): %w", len(ids), err)
	}
	found := make(map[attribution.PartyID]attribution.Publisher, len(rows))
	for i := range rows {
		found[attribution.PartyID{AccountID: rows[i].AccountID, ID: rows[i].ID}] = rulesOf(&rows[i])
	}
	return found, nil
}

func partyColumns(ids []attribution.PartyID) (accounts, numbers []byte) {
	return pg.Bigints(func(id attribution.PartyID) int64 { return id.AccountID })(ids), pg.Bigints(func(id attribution.PartyID) int64 { return id.ID })(ids)
}
