package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

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
