package store

import (
	"context"
	"database/sql"
	"fmt"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/secrets"
	"integr8/pipeline/token"
)

// LoadSnapshot reads all reference data in one snapshot of the database.
func (s *Store) LoadSnapshot(ctx context.Context) (*attribution.Snapshot, error) {
	identityKnown, err := identityKnownUntil(ctx, s.db)
	if err != nil {
		return nil, fmt.Errorf("load reference data: %w", err)
	}
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("load reference data: %w", err)
	}
	defer tx.Rollback() // nothing was written

	var (
		snapshot   = &attribution.Snapshot{IdentityKnownUntil: identityKnown}
		tokens     []tokenRow
		publishers []reference.Publisher
		domains    []reference.Domain
		known      []secrets.Secret
	)
	if err := selectRow(ctx, tx, &snapshot.LoadedAt, "snapshots/time", nil); err != nil {
		return nil, fmt.Errorf("load reference data: %w", err)
	}
	for _, table := range []struct {
		rows      any
		statement string
	}{
		{&tokens, "snapshots/tokens"},
		{&publishers, "snapshots/publishers"},
		{&domains, "snapshots/domains"},
		{&known, "secrets/list"},
		{&snapshot.DroppedClickDays, "partitions/dropped_click_days"},
	} {
		if err := selectRows(ctx, tx, table.rows, table.statement, nil); err != nil {
			return nil, fmt.Errorf("load reference data: %w", err)
		}
	}
	offers, err := readOffers(ctx, tx, 0, 0)
	if err != nil {
		return nil, fmt.Errorf("load reference data: %w", err)
	}
	snapshot.Secrets = secrets.Known(known)
	return snapshot, fill(snapshot, tokens, offers, publishers, domains)
}

func fill(s *attribution.Snapshot, tokens []tokenRow, offers []reference.StoredOffer, publishers []reference.Publisher, domains []reference.Domain) error {
	s.Tokens = make(map[token.Digest]attribution.Token, len(tokens))
	s.OnlyGenerated = true
	for i := range tokens {
		token, err := tokens[i].token()
		if err != nil {
			return fmt.Errorf("load reference data: %w", err)
		}
		s.Tokens[token.Digest] = token.Token
		s.OnlyGenerated = s.OnlyGenerated && tokens[i].Generation.Valid
	}
	s.Offers = make(map[int64]attribution.Offer, len(offers))
	for _, offer := range offers {
		s.Offers[offer.ID] = offer.Offer
	}
	s.Publishers = map[int64]map[int64]attribution.Publisher{}
	for _, publisher := range publishers {
		ofAccount := s.Publishers[publisher.AccountID]
		if ofAccount == nil {
			ofAccount = map[int64]attribution.Publisher{}
			s.Publishers[publisher.AccountID] = ofAccount
		}
		ofAccount[publisher.ID] = rulesOf(&publisher)
	}
	s.Domains = make(map[string]int64, len(domains))
	for _, domain := range domains {
		s.Domains[domain.Host] = domain.AccountID
	}
	return nil
}
