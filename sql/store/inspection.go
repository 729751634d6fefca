package store

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	sqlfiles "integr8/sql"
)

// StrayRows names the partitions of clicks and hits that hold rows of a clock
// that was far off: of before 2020, of 2100 and later, and of days that begin
// after the given time.
func (s *Store) StrayRows(ctx context.Context, after time.Time) ([]string, error) {
	days, _, err := s.partitions(ctx)
	if err != nil {
		return nil, err
	}
	var candidates []string
	for _, table := range dailyTables {
		candidates = append(candidates, table+"_before_2020", table+"_from_2100")
	}
	for _, day := range days {
		if day.Begin.After(after) {
			candidates = append(candidates, day.Partition())
		}
	}
	var stray []string
	for _, name := range candidates {
		var rows []int
		if err := s.db.SelectContext(ctx, &rows, fmt.Sprintf("(SELECT 1 FROM ONLY %s LIMIT 1)", pq.QuoteIdentifier(name))); err != nil {
			return nil, fmt.Errorf("look into partition %s: %w", name, err)
		}
		if len(rows) > 0 {
			stray = append(stray, name)
		}
	}
	return stray, nil
}

// LockMargin is how many locks the server's lock table takes, and what may ask
// for them.
type LockMargin struct {
	// Locks is what the server promises to take: max_locks_per_transaction for
	// each session that there may be.
	Locks int64 `db:"locks"`
	// Relations are the partitions of clicks and hits and their indexes.
	Relations int64 `db:"relations"`
	// Sessions are those of this database.
	Sessions int64 `db:"sessions"`
}

// sessionLocks is what a session takes whose statements are narrowed to an era:
// the days of two months and those ahead, of clicks and hits, with indexes.
const sessionLocks = 3 * 2 * (2*eraDays + partitionDays + 1)

// Needed is what is asked for at most at once: a statement of a person, such as
// pg_dump, which takes all relations, beside every session at work.
func (m LockMargin) Needed() int64 {
	return m.Relations + m.Sessions*min(sessionLocks, m.Relations)
}

// LockMargin reads the margin.
func (s *Store) LockMargin(ctx context.Context) (LockMargin, error) {
	var margin LockMargin
	if err := s.db.GetContext(ctx, &margin, sqlfiles.Query("lock_margin")); err != nil {
		return LockMargin{}, fmt.Errorf("look at the server's lock table: %w", err)
	}
	return margin, nil
}

// TokenLeak counts the tracking links of one publisher for one offer that
// carried the same secure token.
type TokenLeak struct {
	AccountID   int64 `db:"account_id"`
	OfferID     int64 `db:"offer_id"`
	PublisherID int64 `db:"publisher_id"`
	// TokenID is 0 for what was counted before tokens were told apart.
	TokenID   int64     `db:"token_id"`
	Clicks    int64     `db:"clicks"`
	FirstSeen time.Time `db:"first_seen"`
	LastSeen  time.Time `db:"last_seen"`
}

// TokenLeaks lists the leaks that were seen since the given time, those of a
// known token first and the latest first, at most limit; and how many there are.
func (s *Store) TokenLeaks(ctx context.Context, since time.Time, limit int) (leaks []TokenLeak, total int, err error) {
	var rows []struct {
		TokenLeak
		Total int `db:"total"`
	}
	if err := s.db.SelectContext(ctx, &rows, sqlfiles.Query("token_leaks"), since, limit); err != nil {
		return nil, 0, fmt.Errorf("list token leaks: %w", err)
	}
	for _, row := range rows {
		leaks, total = append(leaks, row.TokenLeak), row.Total
	}
	return leaks, total, nil
}

// Trouble counts the hits that had the same reason for the same sender. Ids
// are 0 where the hits named none.
type Trouble struct {
	AccountID   int64              `db:"account_id"`
	Kind        hit.Kind           `db:"kind"`
	Reason      attribution.Reason `db:"reason"`
	TokenID     int64              `db:"token_id"`
	OfferID     int64              `db:"offer_id"`
	PublisherID int64              `db:"publisher_id"`
	Hits        int64              `db:"hits"`
	LastSeen    time.Time          `db:"last_seen"`
}

// Troubles counts the hits received since the given time that have one of the
// reasons, and answers the most frequent groups, at most limit.
func (s *Store) Troubles(ctx context.Context, since time.Time, reasons []attribution.Reason, limit int) ([]Trouble, error) {
	names := make([]string, len(reasons))
	for i, reason := range reasons {
		names[i] = string(reason)
	}
	var troubles []Trouble
	err := s.db.SelectContext(ctx, &troubles, sqlfiles.Query("troubles"), firstID(since), pq.Array(names), limit)
	if err != nil {
		return nil, fmt.Errorf("count hits by reason: %w", err)
	}
	return troubles, nil
}

// Overdue counts the postbacks that still wait for their click although their
// wait ended before the given time, and tells when the first one's did; the
// time is zero when there are none.
func (s *Store) Overdue(ctx context.Context, before time.Time) (int64, time.Time, error) {
	var overdue struct {
		Count  int64      `db:"count"`
		Oldest *time.Time `db:"oldest"`
	}
	err := s.db.GetContext(ctx, &overdue,
		"SELECT count(*) AS count, min(waits_until) AS oldest FROM waiting_postbacks WHERE waits_until < $1::timestamptz", before)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count overdue postbacks: %w", err)
	}
	if overdue.Oldest == nil {
		return 0, time.Time{}, nil
	}
	return overdue.Count, *overdue.Oldest, nil
}

// PixelsWithoutDomain lists the accounts that have no tracking domain and
// whose tokens came in by a pixel, on another's domain, since the given time.
func (s *Store) PixelsWithoutDomain(ctx context.Context, since time.Time) ([]int64, error) {
	var accounts []int64
	if err := s.db.SelectContext(ctx, &accounts, sqlfiles.Query("pixels_without_domain"), firstID(since)); err != nil {
		return nil, fmt.Errorf("find pixels without a domain: %w", err)
	}
	return accounts, nil
}

// GeneratedTokens lists the tokens of all accounts that were not imported.
func (s *Store) GeneratedTokens(ctx context.Context) ([]Token, error) {
	var rows []tokenRow
	if err := s.db.SelectContext(ctx, &rows, "SELECT * FROM tokens WHERE generation IS NOT NULL ORDER BY id"); err != nil {
		return nil, fmt.Errorf("list generated tokens: %w", err)
	}
	return tokensOf(rows)
}
