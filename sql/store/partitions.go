package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	sqlfiles "integr8/sql"
)

// partitionDays is how many days ahead partitions are made: a week, so that
// nobody is woken when the worker that makes them stands still for a few days.
const partitionDays = 7

// EnsurePartitions makes the daily partitions of clicks and hits from
// yesterday to a week ahead. It is idempotent, and safe to call from several
// processes at once.
func (s *Store) EnsurePartitions(ctx context.Context) error {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for day := -1; day <= partitionDays; day++ {
		from := today.AddDate(0, 0, day)
		for _, table := range []string{"clicks", "hits"} {
			if err := s.ensurePartition(ctx, table, from); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) ensurePartition(ctx context.Context, table string, day time.Time) error {
	name := fmt.Sprintf("%s_%s", table, day.Format("20060102"))
	_, err := s.db.ExecContext(ctx, sqlfiles.Query("ensure_partition"),
		table, name, firstID(day), firstID(day.AddDate(0, 0, 1)))
	if err != nil {
		return fmt.Errorf("make partition %s: %w", name, err)
	}
	return nil
}

// firstID is the smallest id that a click or a hit of that time can have.
func firstID(at time.Time) uuid.UUID {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	var id uuid.UUID
	copy(id[:6], ms[2:])
	return id
}

// DropPartitions drops the daily partitions of clicks and hits whose every
// row is older than the given time, and with them their rows. Conversions and
// dead letters stay.
func (s *Store) DropPartitions(ctx context.Context, before time.Time) error {
	var names []string
	if err := s.db.SelectContext(ctx, &names, sqlfiles.Query("daily_partitions")); err != nil {
		return fmt.Errorf("list partitions: %w", err)
	}
	for _, name := range names {
		day, err := time.Parse("20060102", name[len(name)-len("20060102"):])
		if err != nil || day.AddDate(0, 0, 1).After(before) {
			continue
		}
		if _, err := s.db.ExecContext(ctx, "DROP TABLE IF EXISTS "+pq.QuoteIdentifier(name)); err != nil {
			return fmt.Errorf("drop partition %s: %w", name, err)
		}
	}
	return nil
}
