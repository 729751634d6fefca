package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"integr8/handlers/attribution"
	sqlfiles "integr8/sql"
)

// The tables of which each day is a partition. There is no default partition:
// it would have to be locked against every reader whenever a day is made, and
// Postgres detaches no day CONCURRENTLY beside one. A row of a day that has no
// partition has it made, see ensureDaysOf.
const (
	clicksTable = "clicks"
	hitsTable   = "hits"
)

var dailyTables = []string{clicksTable, hitsTable}

// DailyTables lists the tables of which retention drops days.
func DailyTables() []string { return slices.Clone(dailyTables) }

// partitionDays is how many days ahead partitions are made: a week, so that
// nobody is woken when the worker that makes them stands still for a few days.
const partitionDays = 7

// oneDay is a day of UTC.
const oneDay = 24 * time.Hour

// Ids of earlier and of later days are in two partitions that stay. Only a
// clock that is years off makes such ids.
var (
	firstDay = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	endDay   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Day is a day of clicks or of hits, as stored in a partition of its own.
type Day struct {
	// Table is clicks or hits.
	Table string
	// Begin is 00:00 UTC of the day.
	Begin time.Time
}

func dayOf(table string, id uuid.UUID) Day {
	return Day{table, time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16)).UTC().Truncate(oneDay)}
}

// Partition is the name of the table that holds the day.
func (d Day) Partition() string { return d.Table + d.Begin.Format("_20060102") }

// ids are the smallest id of the day and the smallest of the next.
func (d Day) ids() (low, high uuid.UUID) { return firstID(d.Begin), firstID(d.Begin.Add(oneDay)) }

// firstID is the smallest id that a click or a hit of that time can have.
func firstID(at time.Time) uuid.UUID {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	var id uuid.UUID
	copy(id[:6], ms[2:])
	return id
}

// partitionState says what has been done to a daily partition.
type partitionState string

const (
	attached partitionState = "attached"
	// pending is a partition whose detaching was interrupted.
	pending partitionState = "pending"
	// What has neither state is detached, and was to be dropped next.
)

// partitions lists the days and their states, the earliest first.
func (s *Store) partitions(ctx context.Context) ([]Day, []partitionState, error) {
	var rows []struct {
		Parent string         `db:"parent"`
		Name   string         `db:"name"`
		Day    time.Time      `db:"day"`
		State  partitionState `db:"state"`
	}
	if err := s.db.SelectContext(ctx, &rows, sqlfiles.Query("daily_partitions")); err != nil {
		return nil, nil, fmt.Errorf("list partitions: %w", err)
	}
	days, states := make([]Day, len(rows)), make([]partitionState, len(rows))
	for i, row := range rows {
		days[i], states[i] = Day{row.Parent, row.Day.UTC()}, row.State
	}
	return days, states, nil
}

// EnsurePartitions makes the daily partitions of clicks and hits from
// yesterday to a week ahead, by the database's clock. It is idempotent, safe to
// call from several processes at once, and changes nothing where nothing is
// missing. Neither reads nor writes nor a backup wait for it.
func (s *Store) EnsurePartitions(ctx context.Context) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	missing, err := s.missingDays(ctx, now.Add(-oneDay), partitionDays+2)
	if err != nil {
		return err
	}
	return s.ensureDays(ctx, missing)
}

// MissingPartitions names the daily partitions of clicks and hits that are
// not there for that many days, the first of which holds the given time.
func (s *Store) MissingPartitions(ctx context.Context, from time.Time, days int) ([]string, error) {
	missing, err := s.missingDays(ctx, from, days)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, day := range missing {
		names = append(names, day.Partition())
	}
	return names, nil
}

func (s *Store) missingDays(ctx context.Context, from time.Time, days int) ([]Day, error) {
	there, states, err := s.partitions(ctx)
	if err != nil {
		return nil, err
	}
	present := make(map[Day]bool, len(there))
	for i, day := range there {
		present[day] = states[i] == attached
	}
	var missing []Day
	for n := range days {
		for _, table := range dailyTables {
			day := Day{table, from.UTC().Truncate(oneDay).AddDate(0, 0, n)}
			if !present[day] {
				missing = append(missing, day)
			}
		}
	}
	return missing, nil
}

func (s *Store) ensureDays(ctx context.Context, days []Day) error {
	for _, day := range days {
		low, high := day.ids()
		_, err := s.schema.ExecContext(ctx, sqlfiles.Query("ensure_partition"), day.Table, day.Partition(), low, high)
		if err != nil {
			return fmt.Errorf("make partition %s: %w", day.Partition(), err)
		}
	}
	return nil
}

// lacksPartition reports whether a row has an id of a day without a partition.
func lacksPartition(err error) bool {
	const checkViolation = "23514"
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code == checkViolation && refused.Constraint == ""
}

// ensureDaysOf makes the partitions that the rows of these hits need. Days that
// are not the coming ones are those of a receiver whose clock is days off, or
// that kept a hit on disk until its day was dropped.
func (s *Store) ensureDaysOf(ctx context.Context, records []*Record) error {
	var days []Day
	known := map[Day]bool{}
	add := func(table string, id uuid.UUID) {
		day := dayOf(table, id)
		if !known[day] && !day.Begin.Before(firstDay) && day.Begin.Before(endDay) {
			known[day] = true
			days = append(days, day)
		}
	}
	for _, r := range records {
		add(hitsTable, r.Hit.ID)
		if r.Decision.Outcome == attribution.Recorded {
			add(clicksTable, r.Hit.TransactionID.UUID())
		}
	}
	return s.ensureDays(ctx, days)
}
