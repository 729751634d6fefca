package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"integr8/cmd/chaos/check"
	"integr8/cmd/chaos/system"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// backup is the drill of the same name. In every second window pg_dump reads the
// database in a loop while days are made and dropped. The drill compares how long hits
// take in the two kinds of windows.
type backup struct {
	windows []window

	mu                                        sync.Mutex
	dumps, gone, made, dropped, putOff, queue int
	failures                                  []string
}

const (
	// backupDays is how many past days are made and dropped in turn.
	backupDays = 40
	// backupTime is the length of a window: a change of the schema waits a second for a
	// lock, and is then postponed.
	backupTime = 2 * windowTime
	// schemaPace is the time between two changes of the schema.
	schemaPace = 200 * time.Millisecond
	// longestQueue is how many sessions may wait for a table: the one that changes it.
	longestQueue = 1
)

func (b *backup) run(ctx context.Context, r *round) error {
	db, err := store.Open(r.system.DatabaseURL())
	if err != nil {
		return err
	}
	defer db.Close()
	b.windows, err = alternate(ctx, r, backupTime, func() (func(), error) { return b.disturb(ctx, r, db) })
	return err
}

// disturb starts a dump, and then changes the schema until it is stopped.
func (b *backup) disturb(ctx context.Context, r *round, db *store.Store) (stop func(), err error) {
	dump, err := r.system.StartDump(ctx)
	if err != nil {
		return nil, err
	}
	changing, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	working.Go(func() { b.changeSchema(changing, r, db) })
	working.Go(func() { b.watchQueue(changing, r) })
	return func() {
		cancel()
		working.Wait()
		b.finish(dump)
		b.drop(ctx, db) // continues what was postponed
	}, nil
}

// changeSchema makes a day and drops the days that are too old, as workers do, once
// every schemaPace.
func (b *backup) changeSchema(ctx context.Context, r *round, db *store.Store) {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	for n := 0; ctx.Err() == nil; n++ {
		day := today.AddDate(0, 0, -100-n%backupDays)
		for _, table := range []string{"clicks", "hits"} {
			_, err := r.system.DB.ExecContext(ctx, "SELECT ensure_partition($1::text, $2::text, $3::uuid, $4::uuid)",
				table, table+day.Format("_20060102"), token.FirstID(day), token.FirstID(day.AddDate(0, 0, 1)))
			b.note(ctx, &b.made, err)
		}
		b.drop(ctx, db)
		select {
		case <-time.After(schemaPace):
		case <-ctx.Done():
		}
	}
}

// drop drops the days that are too old, as far as it can.
func (b *backup) drop(ctx context.Context, db *store.Store) {
	err := db.DropDays(ctx, time.Now().AddDate(0, 0, -90), func(store.Day) { b.note(ctx, &b.dropped, nil) })
	if store.IsLocked(err) {
		b.note(ctx, &b.putOff, nil)
		return
	}
	b.note(ctx, nil, err)
}

// watchQueue counts how many sessions wait for a table.
func (b *backup) watchQueue(ctx context.Context, r *round) {
	for ctx.Err() == nil {
		var waiting int
		err := r.system.DB.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'relation'`).Scan(&waiting)
		b.note(ctx, nil, err)
		b.mu.Lock()
		b.queue = max(b.queue, waiting)
		b.mu.Unlock()
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// finish ends a dump. A dump that was listing its tables while a day was dropped fails
// because the day is gone, and has to be repeated.
func (b *backup) finish(dump *system.Dump) {
	err := dump.Finish()
	if err != nil && strings.Contains(err.Error(), "does not exist") {
		b.note(context.Background(), &b.gone, nil)
		return
	}
	b.note(context.Background(), &b.dumps, err)
}

// note counts a success, or keeps the error.
func (b *backup) note(ctx context.Context, counter *int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil && counter != nil:
		*counter++
	case err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled):
		b.failures = append(b.failures, err.Error())
	}
}

func (b *backup) judge(ctx context.Context, r *round) error {
	r.say("%d dumps beside %d made and %d dropped partitions; %d times dropping was put off, %d dumps found a day gone; at most %d waited for a table",
		b.dumps, b.made, b.dropped, b.putOff, b.gone, b.queue)
	if len(b.failures) > 0 {
		return fmt.Errorf("changes of the schema or dumps failed (%d), the first: %s", len(b.failures), b.failures[0])
	}
	if b.dumps == 0 || b.made == 0 || b.dropped == 0 || b.putOff == 0 {
		return errors.New("nothing was dumped, made, dropped or put off: send more requests")
	}
	if b.queue > longestQueue {
		r.note(check.Violation{Rule: check.Harmed, Expected: fmt.Sprintf("at most %d that wait for a table", longestQueue), Found: fmt.Sprint(b.queue)})
	}
	return compare(ctx, r, b.windows, "the backup")
}
