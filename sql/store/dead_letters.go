package store

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	sqlfiles "integr8/sql"
)

// DeadLetter is a hit that was rejected, stayed unmatched or failed.
type DeadLetter struct {
	// ID is the hit's, and so the receipt that its sender holds.
	ID uuid.UUID `db:"id" json:"receipt"`
	// AccountID is 0 while no account is known.
	AccountID int64               `db:"account_id" json:"account_id"`
	Kind      hit.Kind            `db:"kind" json:"kind"`
	Outcome   attribution.Outcome `db:"outcome" json:"outcome"`
	Reason    attribution.Reason  `db:"reason" json:"reason"`
	// Error is what the last try met, for hits that failed.
	Error   string `db:"error" json:"error,omitempty"`
	OfferID *int64 `db:"offer_id" json:"offer"`
	// TransactionID is 32 hex digits, or nil.
	TransactionID *string   `db:"transaction_id" json:"transaction_id"`
	ReceivedAt    time.Time `db:"received_at" json:"received_at"`
	// DiedAt is the time of the last death of Deaths.
	DiedAt time.Time  `db:"died_at" json:"died_at"`
	Deaths int        `db:"deaths" json:"deaths"`
	Status DeadStatus `db:"status" json:"status"`
	// State says more than Status of one that was replayed.
	State    DeadState `db:"state" json:"state"`
	StatusAt time.Time `db:"status_at" json:"status_at"`
	// Surplus is set for a hit with an unknown token that came past the rate at
	// which such are kept for long.
	Surplus bool `db:"surplus" json:"surplus"`
	// Payload is the hit's JSON, or with the reason undecodable whatever
	// bytes came.
	Payload []byte `db:"payload" json:"-"`
	// LastEvent is the newest of its events when it was read; 0 for none.
	LastEvent int64 `db:"last_event" json:"-"`
}

// DeadFilter chooses dead letters; the zero value of a field excludes none.
type DeadFilter struct {
	IDs       []uuid.UUID
	AccountID int64
	Reason    attribution.Reason
	Kind      hit.Kind
	OfferID   int64
	// Since and Until bound the time of the last death, both inclusive.
	Since, Until time.Time
	State        DeadState
	// Act is the command that replayed or discarded them.
	Act uuid.UUID
}

// DeadOrder is the order in which dead letters are read.
type DeadOrder string

// The orders, by time of the last death.
const (
	OldestDeath DeadOrder = "dead_letters_oldest"
	NewestDeath DeadOrder = "dead_letters_newest"
)

// DeadLetters reads at most limit dead letters that the filter chooses. The
// next page is asked for with the last one read as after; nil asks for the
// first. Pages neither skip nor repeat what does not change between them.
func (s *Store) DeadLetters(ctx context.Context, filter DeadFilter, order DeadOrder, after *DeadLetter, limit int) ([]DeadLetter, error) {
	arguments := filter.arguments()
	arguments["page"] = limit
	arguments["after_died_at"], arguments["after_id"] = nil, nil
	if after != nil {
		arguments["after_died_at"] = after.DiedAt
		arguments["after_id"] = after.ID
	}
	var page []DeadLetter
	if err := s.selectNamed(ctx, &page, string(order), arguments); err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	return page, nil
}

// DeadReason counts the dead letters of one reason.
type DeadReason struct {
	Reason  attribution.Reason `db:"reason" json:"reason"`
	Letters int64              `db:"letters" json:"dead_letters"`
	// Oldest and Newest are times of death.
	Oldest time.Time `db:"oldest" json:"oldest"`
	Newest time.Time `db:"newest" json:"newest"`
}

// DeadReasons counts the dead letters that the filter chooses by reason, the
// most frequent first.
func (s *Store) DeadReasons(ctx context.Context, filter DeadFilter) ([]DeadReason, error) {
	var reasons []DeadReason
	if err := s.selectNamed(ctx, &reasons, "dead_letters_by_reason", filter.arguments()); err != nil {
		return nil, fmt.Errorf("count dead letters: %w", err)
	}
	return reasons, nil
}

// Now is the database's clock, by which dead letters die.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	if err := s.db.GetContext(ctx, &now, "SELECT clock_timestamp()"); err != nil {
		return time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
	}
	return now, nil
}

func (f DeadFilter) arguments() map[string]any {
	ids := f.IDs
	if ids == nil {
		ids = []uuid.UUID{}
	}
	statuses, replayed := f.State.choose()
	var act *uuid.UUID
	if f.Act != uuid.Nil {
		act = &f.Act
	}
	return map[string]any{
		"ids":        pq.Array(ids),
		"statuses":   pq.Array(statuses),
		"replayed":   replayed,
		"silence":    SilentAfter.Seconds(),
		"act":        act,
		"account_id": f.AccountID,
		"reason":     string(f.Reason),
		"kind":       string(f.Kind),
		"offer_id":   f.OfferID,
		"since":      orNull(f.Since),
		"until":      orNull(f.Until),
	}
}

// orNull is what the statements take for a time that bounds nothing.
func orNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// comment matches a comment line, whose colons sqlx would take for parameters.
var comment = regexp.MustCompile(`(?m)^--.*\n`)

// selectNamed reads the rows of queries/NAME.sql, whose parameters are named.
func (s *Store) selectNamed(ctx context.Context, rows any, name string, arguments map[string]any) error {
	statement, values, err := s.db.BindNamed(comment.ReplaceAllString(sqlfiles.Query(name), ""), arguments)
	if err != nil {
		return fmt.Errorf("bind %s: %w", name, err)
	}
	return s.db.SelectContext(ctx, rows, statement, values...)
}
