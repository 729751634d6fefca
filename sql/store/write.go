package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/sql/store/pg"
)

// Write stores what was decided about hits, all or nothing, in one
// transaction. It may be called again with the same hits, by this process or
// by another at the same time: a conversion is written once per key, a hit has
// one row, and a final outcome stays.
//
// Write changes the records to what is stored: a hit that is not the first with its key
// becomes a duplicate, a hit whose outcome was final before gets that outcome, and
// FirstCommitted is set.
func (s *Store) Write(ctx context.Context, records []*attribution.Record) error {
	records, twins := unique(records)
	asDecided := make([]attribution.Decision, len(records))
	for i, r := range records {
		asDecided[i] = r.Decision
	}
	// Missing partitions are made before or after any meeting.
	meetings, daysMade := 0, 0
	for {
		rules := s.orderRules.Load()
		err := s.write(ctx, records, rules)
		switch {
		case err == nil:
			for twin, r := range twins {
				twin.Decision, twin.ConversionID, twin.DuplicateOf = r.Decision, r.ConversionID, r.DuplicateOf
			}
			return nil
		case isMeeting(err) && meetings < maxMeetings*len(records):
			meetings++
		case pg.LacksPartition(err) && daysMade < maxDaysMade:
			daysMade++
			if err := s.ensureDaysOf(ctx, records); err != nil {
				return err
			}
		case errors.Is(err, errNotWritten):
			newer, reloadErr := s.reloadOrderRules(ctx, rules.version)
			if reloadErr != nil {
				return reloadErr
			}
			if !newer {
				return err
			}
		default:
			return err
		}
		for i, r := range records {
			r.Decision, r.ConversionID, r.DuplicateOf = asDecided[i], uuid.Nil, uuid.Nil
		}
	}
}

// maxDaysMade bounds how often the days of the hits are made. Once does, but for a busy
// server on which a session was seen to miss a day that another one had just made.
const maxDaysMade = 3

// maxMeetings bounds the meetings for each hit. A meeting means that another
// transaction has committed the row of a hit, a conversion with its key, or one
// with its order, after this one had read them. The next try finds that row.
const maxMeetings = 3

// isMeeting reports whether another transaction has written one of the hits, its
// conversion or its order at the same time. No other statement of Write can
// violate a unique index.
func isMeeting(err error) bool {
	return pg.IsUniqueViolation(err) || errors.Is(err, errOrderMet)
}

func (s *Store) write(ctx context.Context, records []*attribution.Record, rules *orderRules) error {
	tx, err := s.deciding.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to write hits (%d): %w", len(records), err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	var planned *rows
	found, err := find(ctx, tx, records, rules)
	if err == nil {
		planned = plan(records, found, time.Now())
		err = planned.apply(ctx, tx)
	}
	if err != nil {
		return fmt.Errorf("write hits (%d): %w", len(records), pg.Ended(err))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit hits (%d): %w", len(records), pg.Ended(err))
	}
	now := time.Now()
	for _, r := range planned.newHits {
		r.FirstCommitted = now
	}
	return nil
}

// unique returns the first record of each hit, and for each further copy, which
// at-least-once delivery may bring into one batch, its first record.
func unique(records []*attribution.Record) (firsts []*attribution.Record, twins map[*attribution.Record]*attribution.Record) {
	seen := make(map[uuid.UUID]*attribution.Record, len(records))
	twins = map[*attribution.Record]*attribution.Record{}
	for _, r := range records {
		if first, twin := seen[r.Hit.ID]; twin {
			twins[r] = first
			continue
		}
		seen[r.Hit.ID] = r
		firsts = append(firsts, r)
	}
	return firsts, twins
}
