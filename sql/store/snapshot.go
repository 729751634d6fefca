package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	sqlfiles "integr8/sql"
)

// Snapshot is all reference data that deciding a hit needs, as it stood at
// one moment. It is never changed once it is loaded, so its methods may be
// called from many goroutines at once; the zero value knows nothing. It is
// plain data, which encoding/json writes and reads back the same.
type Snapshot struct {
	// LoadedAt is the database's time at which all of this was so.
	LoadedAt time.Time `json:"loaded_at"`
	// IdentityKnownUntil bounds what is known of the offers' rules of identity:
	// see attribution.Offer.
	IdentityKnownUntil time.Time                        `json:"identity_known_until"`
	Tokens             map[hit.Digest]attribution.Token `json:"tokens"`
	// OnlyGenerated says that no token was imported: each shows by its form,
	// and none need be looked for by its digest.
	OnlyGenerated bool                                      `json:"only_generated"`
	Offers        map[int64]attribution.Offer               `json:"offers"`
	Publishers    map[int64]map[int64]attribution.Publisher `json:"publishers"` // by account, then id
	Domains       map[string]int64                          `json:"domains"`    // accounts by host
	// Secrets are the service secrets that processes have, the newest signer
	// first.
	Secrets []hit.KnownSecret `json:"secrets"`
	// DroppedClickDays are the days of clicks that retention has dropped, in days
	// since 1970, ascending.
	DroppedClickDays []int64 `json:"dropped_click_days"`
}

// ClickDropped reports whether the day of a click has been dropped, so that
// whether there was such a click is not known any more.
func (s *Snapshot) ClickDropped(id hit.TransactionID) bool {
	_, dropped := slices.BinarySearch(s.DroppedClickDays, id.Time().UnixMilli()/oneDay.Milliseconds())
	return dropped
}

// Token finds a token by its digest. One that has expired is found.
func (s *Snapshot) Token(digest hit.Digest) (attribution.Token, bool) {
	token, ok := s.Tokens[digest]
	return token, ok
}

// Offer finds an offer of any account: ids are handed out over all of them.
func (s *Snapshot) Offer(id int64) (attribution.Offer, bool) {
	offer, ok := s.Offers[id]
	offer.KnownUntil = s.IdentityKnownUntil
	return offer, ok
}

// Publisher finds a publisher of the account.
func (s *Snapshot) Publisher(account, id int64) (attribution.Publisher, bool) {
	publisher, ok := s.Publishers[account][id]
	return publisher, ok
}

// Domain returns whose tracking domain a host is. The host is as NormalizeHost
// gives it.
func (s *Snapshot) Domain(host string) (accountID int64, ok bool) {
	accountID, ok = s.Domains[host]
	return accountID, ok
}

// LoadSnapshot reads all reference data as of one moment.
func (s *Store) LoadSnapshot(ctx context.Context) (*Snapshot, error) {
	identityKnown, err := identityKnownUntil(ctx, s.db)
	if err != nil {
		return nil, fmt.Errorf("load reference data: %w", err)
	}
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("load reference data: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written

	var (
		snapshot   = &Snapshot{IdentityKnownUntil: identityKnown}
		tokens     []tokenRow
		publishers []Publisher
		domains    []Domain
		secrets    []Secret
	)
	if err := tx.GetContext(ctx, &snapshot.LoadedAt, "SELECT now()"); err != nil {
		return nil, fmt.Errorf("load reference data: %w", err)
	}
	for _, table := range []struct {
		rows  any
		query string
	}{
		{&tokens, "SELECT * FROM tokens"},
		{&publishers, "SELECT * FROM publishers"},
		{&domains, "SELECT * FROM domains"},
		{&secrets, sqlfiles.Query("service_secrets")},
		{&snapshot.DroppedClickDays, sqlfiles.Query("dropped_click_days")},
	} {
		if err := tx.SelectContext(ctx, table.rows, table.query); err != nil {
			return nil, fmt.Errorf("load reference data: %w", err)
		}
	}
	offers, err := readOffers(ctx, tx, 0, 0)
	if err != nil {
		return nil, fmt.Errorf("load reference data: %w", err)
	}
	snapshot.Secrets = KnownSecrets(secrets)
	return snapshot, snapshot.fill(tokens, offers, publishers, domains)
}

func (s *Snapshot) fill(tokens []tokenRow, offers []Offer, publishers []Publisher, domains []Domain) error {
	s.Tokens = make(map[hit.Digest]attribution.Token, len(tokens))
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
		ofAccount[publisher.ID] = publisher.rules()
	}
	s.Domains = make(map[string]int64, len(domains))
	for _, domain := range domains {
		s.Domains[domain.Host] = domain.AccountID
	}
	return nil
}
