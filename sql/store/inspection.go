package store

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// StrayRows returns the names of the partitions of clicks and hits with rows from a wrong
// clock: before 2020, in 2100 and later, and in days that begin after the given time.
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

// sessionLocks is the locks of a session whose statements are narrowed to an era:
// on the days of two months and those ahead, of clicks and hits, with indexes.
const sessionLocks = 3 * 2 * (2*eraDays + partitionDays + 1)

// neededLocks returns the most locks that are needed at once: by one statement that locks all
// relations, such as pg_dump, and by every session at work.
func neededLocks(m doctor.LockMargin) int64 {
	return m.Relations + m.Sessions*min(sessionLocks, m.Relations)
}

// LockMargin reads the margin.
func (s *Store) LockMargin(ctx context.Context) (doctor.LockMargin, error) {
	var margin doctor.LockMargin
	if err := selectRow(ctx, s.db, &margin, "server/lock_margin", nil); err != nil {
		return doctor.LockMargin{}, fmt.Errorf("look at the server's lock table: %w", err)
	}
	margin.Needed = neededLocks(margin)
	return margin, nil
}

// TokenLeaks returns the leaks that were seen since the given time, at most limit, those
// of a known token first and then the latest first; and the number of all.
func (s *Store) TokenLeaks(ctx context.Context, since time.Time, limit int) (leaks []doctor.TokenLeak, total int, err error) {
	var rows []struct {
		doctor.TokenLeak
		Total int `db:"total"`
	}
	if err := selectRows(ctx, s.db, &rows, "token_leaks/list", args{"since": since, "most": limit}); err != nil {
		return nil, 0, fmt.Errorf("list token leaks: %w", err)
	}
	for _, row := range rows {
		leaks, total = append(leaks, row.TokenLeak), row.Total
	}
	return leaks, total, nil
}

// Troubles counts the hits received since the given time that have one of the
// reasons, and returns the most frequent groups, at most limit.
func (s *Store) Troubles(ctx context.Context, since time.Time, reasons []outcome.Reason, limit int) ([]doctor.Trouble, error) {
	names := make([]string, len(reasons))
	for i, reason := range reasons {
		names[i] = string(reason)
	}
	var troubles []doctor.Trouble
	err := selectRows(ctx, s.db, &troubles, "hits/troubles", args{"first_id": token.FirstID(since), "reasons": pq.Array(names), "most": limit})
	if err != nil {
		return nil, fmt.Errorf("count hits by reason: %w", err)
	}
	return troubles, nil
}

// Overdue returns the number of postbacks that still wait for their click although their
// wait should have ended before the given time, and the earliest of these ends; zero when
// there are none.
func (s *Store) Overdue(ctx context.Context, before time.Time) (int64, time.Time, error) {
	var overdue struct {
		Count  int64      `db:"count"`
		Oldest *time.Time `db:"oldest"`
	}
	err := selectRow(ctx, s.db, &overdue, "waiting/overdue", args{"before": before})
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count overdue postbacks: %w", err)
	}
	if overdue.Oldest == nil {
		return 0, time.Time{}, nil
	}
	return overdue.Count, *overdue.Oldest, nil
}

// HitsWithin returns the time, to the minute, since which the hits fill so many pages of
// 8 KiB, or the given time when they fill fewer since then. It bounds a search that does
// not go by an id, because such a search reads all hits of its period. It counts pages
// from the server's statistics, and assumes that a day is filled evenly.
func (s *Store) HitsWithin(ctx context.Context, since, now time.Time, pages int64) (time.Time, error) {
	var days []dayPages
	if err := selectRows(ctx, s.db, &days, "partitions/pages", nil); err != nil {
		return time.Time{}, fmt.Errorf("look how many hits the last days have: %w", err)
	}
	return sincePages(days, since, now, pages), nil
}

// dayPages is the size of the hits of a day.
type dayPages struct {
	Day   time.Time `db:"day"`
	Pages int64     `db:"pages"`
}

// sincePages is HitsWithin for days in order, the newest first.
func sincePages(days []dayPages, since, now time.Time, pages int64) time.Time {
	for _, day := range days {
		begin := day.Day.UTC()
		end := begin.Add(oneDay)
		if begin.After(now) {
			continue
		}
		if end.After(now) {
			end = now
		}
		if !end.After(since) {
			break
		}
		if day.Pages > pages {
			share := time.Duration(float64(end.Sub(begin)) * float64(pages) / float64(day.Pages))
			if from := end.Add(-share).Truncate(time.Minute); from.After(since) {
				return from
			}
			break
		}
		pages -= day.Pages
	}
	return since
}

// PixelsWithoutDomain returns the accounts without a tracking domain whose tokens came
// by a pixel, on the domain of another account, since the given time.
func (s *Store) PixelsWithoutDomain(ctx context.Context, since time.Time) ([]int64, error) {
	var accounts []int64
	if err := selectRows(ctx, s.db, &accounts, "hits/pixels_without_domain", args{"first_id": token.FirstID(since)}); err != nil {
		return nil, fmt.Errorf("find pixels without a domain: %w", err)
	}
	return accounts, nil
}

// GeneratedTokens returns the tokens of all accounts that were not imported.
func (s *Store) GeneratedTokens(ctx context.Context) ([]reference.StoredToken, error) {
	var rows []tokenRow
	if err := selectRows(ctx, s.db, &rows, "tokens/generated", nil); err != nil {
		return nil, fmt.Errorf("list generated tokens: %w", err)
	}
	return tokensOf(rows)
}
