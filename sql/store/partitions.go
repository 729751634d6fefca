package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// The tables that are partitioned by day. They have no default partition: it would have
// to be locked against every reader whenever a partition is made, and with one Postgres
// cannot detach a partition CONCURRENTLY. When a row's day has no partition, Write makes
// it, see ensureDaysOf.
const (
	clicksTable = "clicks"
	hitsTable   = "hits"
)

var dailyTables = []string{clicksTable, hitsTable}

// DailyTables returns the tables whose days retention drops.
func DailyTables() []string { return slices.Clone(dailyTables) }

// partitionDays is how many days ahead partitions are made: a week, so that the worker
// that makes them may be down for a few days.
const partitionDays = 7

// oneDay is a day of UTC.
const oneDay = 24 * time.Hour

// Ids before firstDay and from endDay on are in two partitions that are never dropped.
// Only a clock that is years off makes such ids.
var (
	firstDay = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	endDay   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Day is a daily partition of clicks or of hits.
type Day struct {
	// Table is clicks or hits.
	Table string
	// Begin is 00:00 UTC of the day.
	Begin time.Time
}

func dayOf(table string, id uuid.UUID) Day {
	return Day{table, time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16)).UTC().Truncate(oneDay)}
}

// Partition returns the name of the partition.
func (d Day) Partition() string { return d.Table + d.Begin.Format("_20060102") }

// ids returns the smallest id of the day and the smallest of the next day.
func (d Day) ids() (low, high uuid.UUID) {
	return token.FirstID(d.Begin), token.FirstID(d.Begin.Add(oneDay))
}

// partitionState is the state of a daily partition.
type partitionState string

const (
	attached partitionState = "attached"
	// pending is a partition whose detaching was interrupted.
	pending partitionState = "pending"
	// A partition with neither state is detached; dropping it was interrupted.
)

// partitions lists the days and their states, the earliest first.
func (s *Store) partitions(ctx context.Context) ([]Day, []partitionState, error) {
	var rows []struct {
		Parent string         `db:"parent"`
		Name   string         `db:"name"`
		Day    time.Time      `db:"day"`
		State  partitionState `db:"state"`
	}
	if err := selectRows(ctx, s.db, &rows, "partitions/list", nil); err != nil {
		return nil, nil, fmt.Errorf("list partitions: %w", err)
	}
	days, states := make([]Day, len(rows)), make([]partitionState, len(rows))
	for i, row := range rows {
		days[i], states[i] = Day{row.Parent, row.Day.UTC()}, row.State
	}
	return days, states, nil
}

// EnsurePartitions makes the missing daily partitions of clicks and hits from
// yesterday to a week ahead, by the database's clock. It is idempotent, and safe to
// call from several processes at once. No read, write or backup waits for it.
func (s *Store) EnsurePartitions(ctx context.Context) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	missing, err := s.missingDays(ctx, now.Add(-oneDay), partitionDays+2)
	if err != nil {
		return err
	}
	if err := s.ensureDays(ctx, missing); err != nil {
		return err
	}
	return s.indexFindKeys(ctx, false)
}

// MissingPartitions returns the names of the daily partitions of clicks and hits that are
// missing among so many days, the first of which contains from.
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

// DaysAhead returns for how many days after today, by the database's clock, each daily
// table has partitions without a gap; -1 when today has none.
func (s *Store) DaysAhead(ctx context.Context) (map[string]int, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	missing, err := s.missingDays(ctx, now, partitionDays+1)
	if err != nil {
		return nil, err
	}
	ahead := map[string]int{}
	for _, table := range dailyTables {
		ahead[table] = partitionDays
	}
	today := now.UTC().Truncate(oneDay)
	for _, day := range missing {
		ahead[day.Table] = min(ahead[day.Table], int(day.Begin.Sub(today)/oneDay)-1)
	}
	return ahead, nil
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
		if err := s.ensureDay(ctx, day); err != nil {
			return fmt.Errorf("make partition %s: %w", day.Partition(), err)
		}
	}
	return nil
}

// ensureAttempts is how often a session waits for its turn to make a day, a lock_timeout
// each.
const ensureAttempts = 20

// ensureDay makes a day unless it exists. Those who make or drop a day of the table take
// turns. No read or write waits for a session that waits for its turn, so it may wait long:
// when the first hits of a day come, every worker wants to make it.
func (s *Store) ensureDay(ctx context.Context, day Day) (err error) {
	low, high := day.ids()
	for range ensureAttempts {
		_, err = execute(ctx, s.schema, "partitions/ensure", args{"parent": day.Table, "name": day.Partition(), "first_id": low, "end_id": high})
		if !IsLocked(err) {
			return err
		}
	}
	return err
}

// ensureDaysOf makes the partitions that the rows of these hits need. Other days than
// those of EnsurePartitions come from a receiver whose clock is days off, or that kept a
// hit on disk until its day was dropped.
func (s *Store) ensureDaysOf(ctx context.Context, records []*attribution.Record) error {
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
		if r.Decision.Outcome == outcome.Recorded {
			add(clicksTable, r.Hit.TransactionID.UUID())
		}
	}
	return s.ensureDays(ctx, days)
}
