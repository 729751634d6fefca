package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/doctor"
	"integr8/pipeline/books"
)

// Deciding returns the sessions that decide hits.
func (s *Store) Deciding() *sqlx.DB { return s.deciding }

// Migrations returns a provider that migrates the schema to a version.
func (s *Store) Migrations() (*goose.Provider, error) { return s.migrations() }

// EnsureDay makes the partition of a day.
func (s *Store) EnsureDay(ctx context.Context, table string, day time.Time) error {
	return s.ensureDays(ctx, []Day{{table, day.UTC().Truncate(oneDay)}})
}

// ChangeIdentity begins an edit of an offer's rules of identity.
func ChangeIdentity(ctx context.Context, tx *sqlx.Tx, account, offer int64, rules attribution.Identity) error {
	return changeIdentity(ctx, tx, account, offer, rules)
}

// DayPages is the size of the hits of a day.
type DayPages = dayPages

// SincePages is HitsWithin for days in order, the newest first.
func SincePages(days []DayPages, since, now time.Time, pages int64) time.Time {
	return sincePages(days, since, now, pages)
}

// NeededLocks returns the largest number of locks that is needed at once.
func NeededLocks(margin doctor.LockMargin) int64 { return neededLocks(margin) }

// Settle writes settled numbers as Write does.
func (s *Store) Settle(ctx context.Context, blocks []books.Block) error {
	_, err := s.deciding.ExecContext(ctx, settleNumbers.statement.Text, settleNumbers.bind(blocks, nil)...)
	return err
}
