package dead

import (
	"context"
	"time"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/outcome"
)

// SenderKind is what senders are told apart by.
type SenderKind string

// The kinds.
const (
	ByToken      SenderKind = "token"
	ByAdvertiser SenderKind = "advertiser"
	ByPublisher  SenderKind = "publisher"
	ByNetwork    SenderKind = "network"
)

// senderKinds are the kinds by their numbers in a SenderRow.
var senderKinds = map[int]SenderKind{7: ByToken, 11: ByAdvertiser, 13: ByPublisher, 14: ByNetwork}

const (
	// MostGroups bounds how many groups of senders of a kind are asked for.
	MostGroups = 1000
	// groupedLetters bounds how many letters are grouped, the newest first.
	groupedLetters = 100_000
)

// Senders are the senders of the letters of one reason, by one kind.
type Senders struct {
	By SenderKind `json:"by"`
	// Groups have the most letters, in descending order.
	Groups []SenderCount `json:"groups"`
	// MoreGroups counts the groups that are left out, and MoreLetters their letters.
	MoreGroups  int64 `json:"more_groups"`
	MoreLetters int64 `json:"more_dead_letters"`
}

// SenderCount counts the letters of one sender. Without an id, a digest and a network it
// is of letters whose sender is not known, as without a token or an offer.
type SenderCount struct {
	// AccountID is 0 where no account is known, and for networks.
	AccountID int64 `db:"account_id" json:"account_id,omitempty"`
	// ID is that of the token, the advertiser or the publisher.
	ID   *int64 `db:"id" json:"id,omitempty"`
	Name string `db:"name" json:"name,omitempty"`
	// TokenDigest identifies a token that is not known.
	TokenDigest DigestPrefix `db:"token_digest" json:"token_digest,omitempty"`
	Network     string       `db:"network" json:"network,omitempty"`
	Letters     int64        `db:"letters" json:"dead_letters"`
	// Oldest and Newest are times of death.
	Oldest time.Time `db:"oldest" json:"oldest"`
	Newest time.Time `db:"newest" json:"newest"`
}

// SenderRow is a group of senders as the store counts it.
type SenderRow struct {
	Reason outcome.Reason `db:"reason"`
	Kind   int            `db:"kind"`
	SenderCount
	// OfGroups and OfLetters count all groups of the reason and the kind.
	OfGroups  int64 `db:"of_groups"`
	OfLetters int64 `db:"of_letters"`
}

// Senders adds to each reason of Summary its senders, at most groups of each kind. It
// counts the newest 100,000 letters of the filter; when there are more, it returns the
// time after which those died.
func (l Letters) Senders(ctx context.Context, filter Filter, reasons []ReasonCount, groups int) (since time.Time, err error) {
	if groups < 1 || groups > MostGroups {
		return since, reference.Refuse(reference.ErrInvalid, "the number of groups is from 1 to %d", MostGroups)
	}
	if since, err = l.Store.NthNewestDeath(ctx, filter, groupedLetters); err != nil {
		return since, err
	}
	if !since.IsZero() {
		filter.Since = since.Add(time.Microsecond) // Since is inclusive, to Postgres's precision
	}
	rows, err := l.Store.DeadSenders(ctx, filter, groups)
	if err != nil {
		return since, err
	}
	addSenders(reasons, rows)
	return since, nil
}

// addSenders adds rows, which are in order of their reasons, kinds and places.
func addSenders(reasons []ReasonCount, rows []SenderRow) {
	of := make(map[outcome.Reason]*ReasonCount, len(reasons))
	for i := range reasons {
		of[reasons[i].Reason] = &reasons[i]
	}
	for _, row := range rows {
		reason := of[row.Reason]
		if reason == nil {
			continue // its first letter has died since
		}
		kind := senderKinds[row.Kind]
		if last := len(reason.Senders) - 1; last < 0 || reason.Senders[last].By != kind {
			reason.Senders = append(reason.Senders, Senders{By: kind, MoreGroups: row.OfGroups, MoreLetters: row.OfLetters})
		}
		senders := &reason.Senders[len(reason.Senders)-1]
		senders.Groups = append(senders.Groups, row.shown())
		senders.MoreGroups--
		senders.MoreLetters -= row.Letters
	}
}

// shown leaves the digest of a known token out: its id says more.
func (r SenderRow) shown() SenderCount {
	if r.ID != nil {
		r.TokenDigest = ""
	}
	return r.SenderCount
}
