package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	sqlfiles "integr8/sql"
	"integr8/sql/store/pg"
)

const (
	// needlessPages is how many pages of a day a look may read that need not be read. The
	// newest hits have no summary yet, and more than these cost a search next to nothing.
	needlessPages = 512
	// lookTime bounds a look at a day: a sound index of 20 million hits takes 0.15 s.
	lookTime = "2s"
	// summarisedPages is how many pages one statement summarises. It takes a fraction of a
	// second, and so is ended by no bound of the session.
	summarisedPages = 2048
)

// findIndex is the index of the keys of a day of hits.
type findIndex struct {
	Day   string `db:"day"`
	Name  string `db:"index"`
	Pages int64  `db:"pages"`
}

// MendFindIndexes mends the indexes of the keys with which Postgres reads much more of a
// day than it needs to: of all days, or without all from yesterday on. When the
// summarising of a range is interrupted, Postgres 15 takes that range and all behind it as
// matching whatever is looked for, and never makes up for it. It calls mended with the name
// of each index that it has made anew.
//
// One process at a time mends; MendFindIndexes does nothing while another does. No read or
// write waits for it, and after an error or an interruption a further call goes on. The
// error IsLocked while Postgres vacuums a day.
func (s *Store) MendFindIndexes(ctx context.Context, all bool, mended func(index string)) error {
	conn, err := s.schema.Connx(ctx)
	if err != nil {
		return fmt.Errorf("look for damaged indexes: %w", err)
	}
	// This pool keeps no idle session, so that the lock and the settings end with Close.
	defer conn.Close()
	var alone bool
	if err := selectRow(ctx, conn, &alone, "hits/lock_mending", nil); err != nil {
		return fmt.Errorf("look for damaged indexes: %w", err)
	}
	if !alone {
		return nil
	}
	// Pages that another process reads for this session would not be counted. A vacuum that
	// others wait for is cancelled after a second, which damages the index that it summarises.
	if _, err := execute(ctx, conn, "sessions/set_up", args{
		"names":  pq.StringArray{"enable_seqscan", "max_parallel_workers_per_gather", "lock_timeout"},
		"values": pq.StringArray{"off", "0", "500ms"},
	}); err != nil {
		return fmt.Errorf("look for damaged indexes: %w", err)
	}
	var indexes []findIndex
	if err := selectRows(ctx, conn, &indexes, "hits/find_indexes", args{"all": all}); err != nil {
		return fmt.Errorf("look for damaged indexes: %w", err)
	}
	for _, index := range indexes {
		anew, err := index.mend(ctx, conn)
		if err != nil {
			return fmt.Errorf("mend index %s: %w", index.Name, err)
		}
		if anew {
			mended(index.Name)
		}
	}
	return nil
}

// mend reports whether it made the summaries anew.
func (i findIndex) mend(ctx context.Context, conn *sqlx.Conn) (anew bool, err error) {
	for _, anew := range []bool{false, true} {
		needless, err := i.needless(ctx, conn)
		if err != nil || needless <= needlessPages {
			return false, err
		}
		if err := i.summarise(ctx, conn, anew); err != nil {
			return false, err
		}
	}
	return true, nil
}

// needless returns how many pages of the day a search reads that can find nothing, as far
// as it comes in lookTime.
func (i findIndex) needless(ctx context.Context, conn *sqlx.Conn) (int64, error) {
	tx, err := conn.BeginTxx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // it changes nothing
	if _, err := execute(ctx, tx, "sessions/bound_statements", args{"longest": lookTime}); err != nil {
		return 0, err
	}
	var before, after int64
	if err := selectRow(ctx, tx, &before, "partitions/pages_read", args{"name": i.Day}); err != nil {
		return 0, err
	}
	if err := i.look(ctx, tx); err != nil {
		return 0, err
	}
	err = selectRow(ctx, tx, &after, "partitions/pages_read", args{"name": i.Day})
	return after - before, err
}

// look searches the day for what is not there, for lookTime at most.
func (i findIndex) look(ctx context.Context, tx *sqlx.Tx) error {
	if _, err := tx.ExecContext(ctx, "SAVEPOINT look"); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fromDay(sqlfiles.Query("hits/none"), i.Day))
	if pg.IsCancelled(err) && ctx.Err() == nil {
		_, err = tx.ExecContext(ctx, "ROLLBACK TO look")
	}
	return err
}

func (i findIndex) summarise(ctx context.Context, conn *sqlx.Conn, anew bool) error {
	for first := int64(0); first < i.Pages; first += summarisedPages {
		if _, err := execute(ctx, conn, "hits/summarise", args{
			"index": i.Name, "first": first, "end": min(i.Pages, first+summarisedPages), "anew": anew,
		}); err != nil {
			return err
		}
	}
	return nil
}
