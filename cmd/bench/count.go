package main

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// written counts the rows that a measurement has left in the database.
type written struct {
	// hits counts hits with an outcome; conversions counts conversions.
	hits, conversions int
}

func (g *ground) written(ctx context.Context) (written, error) {
	var w written
	err := g.db.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM hits WHERE received_at >= $1), "+
		"(SELECT count(*) FROM conversions WHERE converted_at >= $1)", g.since).Scan(&w.hits, &w.conversions)
	if err != nil {
		return w, fmt.Errorf("count what was written: %w", err)
	}
	return w, nil
}

// lookAgain is the time between two queries for something that comes soon.
const lookAgain = 20 * time.Millisecond

// stuck is the time without progress after which the remaining hits are given up.
const stuck = 30 * time.Second

// settled waits until as many hits have been committed as were accepted.
func (g *ground) settled(ctx context.Context, accepted int) (written, error) {
	var last written
	moved := time.Now()
	for {
		began := time.Now()
		now, err := g.written(ctx)
		if err != nil {
			return now, err
		}
		if now != last {
			last, moved = now, time.Now()
		}
		if now.hits >= accepted {
			return now, nil
		}
		if time.Since(moved) > stuck {
			return now, fmt.Errorf("%d hits were accepted and %d have an outcome: the rest does not come", accepted, now.hits)
		}
		// Counting a large table takes a while, and a measurement may be running.
		const rest = 30
		if err := sleepUntil(ctx, time.Now().Add(max(lookAgain, rest*time.Since(began)))); err != nil {
			return now, err
		}
	}
}

// committed counts the hits that were committed between two moments, by
// Postgres' own record of commits.
func (g *ground) committed(ctx context.Context, from, to time.Time) (hits int, err error) {
	err = g.db.QueryRowContext(ctx, `
		SELECT coalesce(sum(n), 0) FROM (SELECT xmin, count(*) AS n FROM hits GROUP BY xmin) AS transactions
		WHERE pg_xact_commit_timestamp(xmin) >= $1 AND pg_xact_commit_timestamp(xmin) < $2`, from, to).Scan(&hits)
	if err != nil {
		return 0, fmt.Errorf("count what was committed: %w", err)
	}
	return hits, nil
}

// span returns the moments at which the given shares of all hits had been committed,
// and how many hits lie between the two.
func (g *ground) span(ctx context.Context, low, high float64) (from, to time.Time, hits int, err error) {
	err = g.db.QueryRowContext(ctx, `
		WITH transactions AS (
			SELECT pg_xact_commit_timestamp(xmin) AS at, n, sum(n) OVER (ORDER BY pg_xact_commit_timestamp(xmin)) AS so_far, sum(n) OVER () AS total
			FROM (SELECT xmin, count(*) AS n FROM hits GROUP BY xmin) AS grouped)
		SELECT min(at), max(at), sum(n) - (array_agg(n ORDER BY at))[1]
		FROM transactions WHERE so_far >= total * $1 AND so_far <= total * $2`, low, high).Scan(&from, &to, &hits)
	if err != nil {
		return from, to, hits, fmt.Errorf("read when hits were committed: %w", err)
	}
	return from, to, hits, nil
}

// walPosition returns how many bytes of write-ahead log Postgres has written so far.
func walPosition(ctx context.Context, db *sql.DB) (int64, error) {
	var bytes int64
	err := db.QueryRowContext(ctx, "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint").Scan(&bytes)
	if err != nil {
		return 0, fmt.Errorf("read the position of the write-ahead log: %w", err)
	}
	return bytes, nil
}
