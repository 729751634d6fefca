package store

import (
	"context"
	"fmt"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	sqlfiles "integr8/sql"
)

// PartyID names an offer or a publisher of an account.
type PartyID struct {
	AccountID int64 `db:"account_id"`
	ID        int64 `db:"id"`
}

// FindTokens looks tokens up by their digests, for the rules. Those that do not
// exist are not in the result; those that have expired are: the rules tell.
func (s *Store) FindTokens(ctx context.Context, digests []hit.Digest) (map[hit.Digest]attribution.Token, error) {
	var rows []tokenRow
	asked := columns[hit.Digest](digests).byteas(func(d hit.Digest) []byte { return d[:] })
	if err := s.db.SelectContext(ctx, &rows, sqlfiles.Query("find_tokens"), asked); err != nil {
		return nil, fmt.Errorf("look up %d tokens: %w", len(digests), err)
	}
	found := make(map[hit.Digest]attribution.Token, len(rows))
	for i := range rows {
		token, err := rows[i].token()
		if err != nil {
			return nil, err
		}
		found[token.Digest] = token.Token
	}
	return found, nil
}

// FindOffers looks offers up for the rules. Those that do not exist are not in
// the result.
func (s *Store) FindOffers(ctx context.Context, ids []PartyID) (map[PartyID]attribution.Offer, error) {
	known, err := identityKnownUntil(ctx, s.db)
	if err != nil {
		return nil, err
	}
	var rows []offerRow
	accounts, numbers := partyColumns(ids)
	if err := s.db.SelectContext(ctx, &rows, sqlfiles.Query("find_offers"), accounts, numbers); err != nil {
		return nil, fmt.Errorf("look up %d offers: %w", len(ids), err)
	}
	found := make(map[PartyID]attribution.Offer, len(rows))
	for i := range rows {
		offer, err := rows[i].offer()
		if err != nil {
			return nil, err
		}
		offer.KnownUntil = known
		found[PartyID{offer.AccountID, offer.ID}] = offer.Offer
	}
	return found, nil
}

// FindPublishers looks publishers up for the rules. Those that do not exist are
// not in the result.
func (s *Store) FindPublishers(ctx context.Context, ids []PartyID) (map[PartyID]attribution.Publisher, error) {
	var rows []Publisher
	accounts, numbers := partyColumns(ids)
	if err := s.db.SelectContext(ctx, &rows, sqlfiles.Query("find_publishers"), accounts, numbers); err != nil {
		return nil, fmt.Errorf("look up %d publishers: %w", len(ids), err)
	}
	found := make(map[PartyID]attribution.Publisher, len(rows))
	for i := range rows {
		found[PartyID{rows[i].AccountID, rows[i].ID}] = rows[i].rules()
	}
	return found, nil
}

func partyColumns(ids []PartyID) (accounts, numbers []byte) {
	c := columns[PartyID](ids)
	return c.bigints(func(id PartyID) int64 { return id.AccountID }), c.bigints(func(id PartyID) int64 { return id.ID })
}
