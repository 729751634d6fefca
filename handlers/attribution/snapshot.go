package attribution

import (
	"slices"
	"time"

	"integr8/pipeline/token"
)

// Snapshot is all reference data that the rules need, as it stood at one moment. It is
// never changed once it is loaded, so its methods may be called from many goroutines at
// once; the zero value is empty. It is plain data: encoding/json writes it and reads it
// back unchanged.
type Snapshot struct {
	// LoadedAt is that moment, by the database's clock.
	LoadedAt time.Time `json:"loaded_at"`
	// IdentityKnownUntil is the KnownUntil of all offers.
	IdentityKnownUntil time.Time              `json:"identity_known_until"`
	Tokens             map[token.Digest]Token `json:"tokens"`
	// OnlyGenerated is set when no token was imported. Every token then has the form of
	// a generated one, and a text of another form need not be looked up by its digest.
	OnlyGenerated bool                          `json:"only_generated"`
	Offers        map[int64]Offer               `json:"offers"`
	Publishers    map[int64]map[int64]Publisher `json:"publishers"` // by account, then id
	Domains       map[string]int64              `json:"domains"`    // accounts by host
	// Secrets are the service secrets that processes have, the newest signer
	// first.
	Secrets []token.KnownSecret `json:"secrets"`
	// DroppedClickDays are the days of clicks that retention has dropped, in days
	// since 1970, ascending.
	DroppedClickDays []int64 `json:"dropped_click_days"`
}

// ClickDropped reports whether the day of a click has been dropped. Then it is no
// longer known whether there was such a click.
func (s *Snapshot) ClickDropped(id token.TransactionID) bool {
	_, dropped := slices.BinarySearch(s.DroppedClickDays, id.Time().UnixMilli()/(24*time.Hour).Milliseconds())
	return dropped
}

// Token finds a token by its digest, also an expired one.
func (s *Snapshot) Token(digest token.Digest) (Token, bool) {
	token, ok := s.Tokens[digest]
	return token, ok
}

// Offer finds an offer by its id, which is unique over all accounts.
func (s *Snapshot) Offer(id int64) (Offer, bool) {
	offer, ok := s.Offers[id]
	offer.KnownUntil = s.IdentityKnownUntil
	return offer, ok
}

// Publisher finds a publisher of the account.
func (s *Snapshot) Publisher(account, id int64) (Publisher, bool) {
	publisher, ok := s.Publishers[account][id]
	return publisher, ok
}

// Domain returns the account that a tracking domain belongs to. The host is in the form
// that NormalizeHost returns.
func (s *Snapshot) Domain(host string) (accountID int64, ok bool) {
	accountID, ok = s.Domains[host]
	return accountID, ok
}
