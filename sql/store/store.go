// Package store is the only package that runs SQL: sqlx over lib/pq.
//
// It stores reference data, clicks, hits, conversions and dead letters. It guarantees
// that a conversion is written at most once for each key, in any order and concurrency
// of writes. It decides nothing about hits: the handlers do. It does not retry after an
// outage: the worker does.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"integr8/handlers/operate/schema"
	sqlfiles "integr8/sql"
	"integr8/sql/store/pg"
)

// Store is a pool of database connections. It is safe for concurrent use.
type Store struct {
	db       *sqlx.DB
	deciding *sqlx.DB // for the statements that decide and write hits
	schema   *sqlx.DB // for the statements that change the schema
	url      string
	// orderRules are the newest rules on orders that this process has read.
	orderRules atomic.Pointer[orderRules]
	// replica is read by reports and searches; nil for none.
	replica *Replica
}

// DefaultConnections is how many connections one process opens at most.
const DefaultConnections = 16

const (
	// decidingConnections is how many of them decide hits: more than a process
	// has transactions under way.
	decidingConnections = DefaultConnections / 2
	// schemaConnections is how many of them change the schema. Idle ones are closed.
	schemaConnections = 2
)

// Open returns a Store for a Postgres URL. It does not connect, so that a process can
// start while the database is down; each call returns its own error. A
// statement ends with its context, or within a second after it when the server does not
// react.
func Open(url string) (*Store, error) { return open(url, 0, nil) }

// OpenBounded is Open for processes that must never hang: a statement
// fails, as an outage, when the server has sent nothing for silence. The
// server itself ends a statement that takes four fifths of that.
func OpenBounded(url string, silence time.Duration) (*Store, error) {
	return open(url, silence, pg.Bounds(silence))
}

func open(url string, silence time.Duration, bounds []pg.Setting) (*Store, error) {
	general, err := pg.Connector(url, silence, slices.Concat(bounds, generalSettings)...)
	if err != nil {
		return nil, err
	}
	deciding, err := pg.Connector(url, silence, slices.Concat(bounds, decidingSettings)...)
	if err != nil {
		return nil, err
	}
	schema, err := pg.Connector(url, silence, slices.Concat(bounds, schemaSettings)...)
	if err != nil {
		return nil, err
	}
	s := &Store{
		db:       pool(general, DefaultConnections-decidingConnections-schemaConnections),
		deciding: pool(pg.Preparing(deciding), decidingConnections),
		schema:   pool(schema, schemaConnections),
		url:      url,
	}
	s.schema.SetMaxIdleConns(0)
	s.orderRules.Store(&orderRules{})
	return s, nil
}

func pool(connector driver.Connector, connections int) *sqlx.DB {
	db := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}

// Collectors returns collectors of the statistics of the pools, each with the label
// db_name: deciding for the connections that decide and write hits, schema for
// those that change the schema, general for all others.
func (s *Store) Collectors() []prometheus.Collector {
	return []prometheus.Collector{
		collectors.NewDBStatsCollector(s.db.DB, "general"),
		collectors.NewDBStatsCollector(s.deciding.DB, "deciding"),
		collectors.NewDBStatsCollector(s.schema.DB, "schema"),
	}
}

// Close ends all connections.
func (s *Store) Close() error {
	if err := errors.Join(s.db.Close(), s.deciding.Close(), s.schema.Close()); err != nil {
		return fmt.Errorf("close database connections: %w", err)
	}
	return nil
}

// Ping returns an error when the database does not respond.
func (s *Store) Ping(ctx context.Context) error {
	return pg.Unreached(s.db.PingContext(ctx))
}

// Migrate brings the schema up to date and makes the partitions of the next
// days. Several processes may call it at once: one works, the others wait.
// It returns the versions that it applied. After a schema.LockedError a further call
// continues where this one stopped. Migrate does not change a schema that is newer than
// this program, and returns a SchemaError.
func (s *Store) Migrate(ctx context.Context) ([]int64, error) {
	applied, err := s.migrate(ctx)
	if IsLocked(err) {
		err = &schema.LockedError{Err: err}
	}
	return applied, err
}

func (s *Store) migrate(ctx context.Context) ([]int64, error) {
	provider, err := s.migrations()
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		results = partial.Applied
	}
	applied := make([]int64, 0, len(results))
	for _, result := range results {
		applied = append(applied, result.Source.Version)
	}
	if err != nil {
		return applied, fmt.Errorf("migrate the database: %w", err)
	}
	if err := compareSchema(ctx, provider, false); err != nil {
		return applied, err
	}
	if err := s.finishIndexes(ctx); err != nil {
		return applied, fmt.Errorf("migrate the database: %w", err)
	}
	if err := s.EnsurePartitions(ctx); err != nil {
		return applied, err
	}
	if err := s.indexFindKeys(ctx, true); err != nil {
		return applied, fmt.Errorf("migrate the database: %w", err)
	}
	return applied, nil
}

// IsLocked reports whether a change of the schema failed because another session,
// such as a backup, held a lock. A later retry succeeds.
func IsLocked(err error) bool { return pg.IsLocked(err) }

// IsCancelled reports whether the server was running a statement and ended it
// because its context had ended.
func IsCancelled(err error) bool { return pg.IsCancelled(err) }

// MayLackMigration reports whether the server refused a statement for what it names, as
// where the schema is older than this program.
func MayLackMigration(err error) bool { return pg.IsMisfit(err) }

func (s *Store) migrations() (*goose.Provider, error) {
	files, err := fs.Sub(sqlfiles.Migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, fmt.Errorf("prepare the migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, s.schema.DB, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}
