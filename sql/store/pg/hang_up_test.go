package pg_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/sql/store/pg"
)

var errOver = errors.New("time is up")

// beginning is far longer than it takes to send a statement.
const beginning = time.Second

// Every call to a frozen server ends with its context.
func TestEveryCallToAFrozenServerEndsWithItsContext(t *testing.T) {
	url := os.Getenv("DATABASE_URL")
	require.NotEmpty(t, url, "these tests need a real Postgres: run `make test`, or set DATABASE_URL")
	const pid = "SELECT pg_backend_pid()"
	for name, wait := range map[string]func(ctx context.Context, t *testing.T, db *sqlx.DB, freeze func(backend int)) error{
		"query": func(ctx context.Context, t *testing.T, db *sqlx.DB, freeze func(backend int)) error {
			freeze(read(t, db, pid))
			var n int
			return db.GetContext(ctx, &n, pid)
		},
		"rows under way": func(ctx context.Context, t *testing.T, db *sqlx.DB, freeze func(backend int)) error {
			rows, err := db.QueryContext(ctx, "SELECT pg_backend_pid(), repeat('x', 1000) FROM generate_series(1, 1000000)")
			require.NoError(t, err)
			defer rows.Close()
			var text string
			var backend int
			for first := true; rows.Next(); first = false {
				require.NoError(t, rows.Scan(&backend, &text))
				if first {
					freeze(backend)
				}
			}
			return rows.Err()
		},
		"statement": func(ctx context.Context, t *testing.T, db *sqlx.DB, freeze func(backend int)) error {
			freeze(read(t, db, pid))
			_, err := db.ExecContext(ctx, "CREATE TEMPORARY TABLE never (n int)")
			return err
		},
		"prepared statement": func(ctx context.Context, t *testing.T, db *sqlx.DB, freeze func(backend int)) error {
			statement, err := db.PreparexContext(ctx, pid)
			require.NoError(t, err)
			defer statement.Close()
			var backend, again int
			require.NoError(t, statement.GetContext(ctx, &backend))
			freeze(backend)
			return statement.GetContext(ctx, &again)
		},
		"begin": func(ctx context.Context, t *testing.T, db *sqlx.DB, freeze func(backend int)) error {
			freeze(read(t, db, pid))
			_, err := db.BeginTxx(ctx, nil)
			return err
		},
		"commit": func(ctx context.Context, t *testing.T, db *sqlx.DB, freeze func(backend int)) error {
			tx, err := db.BeginTxx(ctx, nil)
			require.NoError(t, err)
			var backend int
			require.NoError(t, tx.GetContext(ctx, &backend, pid))
			freeze(backend)
			return tx.Commit()
		},
		"ping": func(ctx context.Context, t *testing.T, db *sqlx.DB, freeze func(backend int)) error {
			freeze(read(t, db, pid))
			return db.PingContext(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			connector, err := pg.Connector(url, 0)
			require.NoError(t, err)
			db := sqlx.NewDb(sql.OpenDB(connector), "postgres")
			db.SetMaxOpenConns(1)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			// A frozen server process neither responds nor cancels.
			err = wait(ctx, t, db, func(backend int) {
				require.NoError(t, syscall.Kill(backend, syscall.SIGSTOP))
				t.Cleanup(func() { require.NoError(t, syscall.Kill(backend, syscall.SIGCONT)) })
				time.AfterFunc(beginning, func() { cancel(errOver) })
			})
			require.ErrorIs(t, err, errOver)
			require.ErrorContains(t, err, "the database accepts connections and does not answer")
			require.Equal(t, failure.Outage, failure.Of(err))
			require.NoError(t, db.Close())
		})
	}
}

func read(t *testing.T, db *sqlx.DB, query string) (n int) {
	t.Helper()
	require.NoError(t, db.Get(&n, query))
	return n
}
