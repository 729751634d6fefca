// Package store is the only place that runs SQL: sqlx over lib/pq.
//
// It keeps reference data, clicks, hits, conversions and dead letters. It
// knows how a decision is written so that no conversion can be written twice,
// and leaves what to decide to the handlers.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	sqlfiles "integr8/sql"
)

// Store is a pool of database connections. It is safe for concurrent use.
type Store struct {
	db       *sqlx.DB
	deciding *sqlx.DB // for the statements by which hits are decided and written
	schema   *sqlx.DB // for the statements that change the schema
	url      string
	// orderRules are the newest that this process has met.
	orderRules atomic.Pointer[orderRules]
}

// DefaultConnections is how many connections one process opens at most.
const DefaultConnections = 16

const (
	// decidingConnections is how many of them decide hits: more than a process
	// has transactions under way.
	decidingConnections = DefaultConnections / 2
	// schemaConnections is how many change the schema. None is kept while it is
	// idle.
	schemaConnections = 2
)

// Open makes a Store for a Postgres URL. It does not connect yet: a process
// starts while the database is down, and each call says what it met. A
// statement may take as long as its context, and ends soon after that whatever
// the server does.
func Open(url string) (*Store, error) { return open(url, silentDialer{}, nil) }

// OpenBounded is Open for processes that must never stand still: a statement
// fails, as an outage, once the server has been silent for that long. The
// server itself ends one that takes four fifths of that.
func OpenBounded(url string, silence time.Duration) (*Store, error) {
	return open(url, silentDialer{silence}, bounds(silence))
}

func open(url string, dialer silentDialer, bounds []setting) (*Store, error) {
	config, err := pq.NewConfig(url)
	if err != nil {
		// The error of a URL that cannot be read would quote its password.
		return nil, fmt.Errorf("DATABASE_URL cannot be read: it must look like postgres://user:password@host:5432/name")
	}
	general, err := connector(config, dialer, append(bounds, generalSettings...)...)
	if err != nil {
		return nil, err
	}
	deciding, err := connector(config, dialer, append(bounds, decidingSettings...)...)
	if err != nil {
		return nil, err
	}
	schema, err := connector(config, dialer, append(bounds, schemaSettings...)...)
	if err != nil {
		return nil, err
	}
	s := &Store{
		db:       pool(general, DefaultConnections-decidingConnections-schemaConnections),
		deciding: pool(preparingConnector{deciding}, decidingConnections),
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

// Collectors export the figures of the pools to Prometheus, each with the label
// db_name: deciding for the connections that decide hits and write them, schema for
// those that change the schema, general for all else.
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

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	return nil
}

// Migrate brings the schema up to date and makes the partitions of the next
// days. Several processes may call it at once: one works, the others wait.
// It returns the versions that it applied. When an error is IsLocked, Migrate
// goes on where it was when it is called again.
func (s *Store) Migrate(ctx context.Context) ([]int64, error) {
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
	if err := s.finishIndexes(ctx); err != nil {
		return applied, fmt.Errorf("migrate the database: %w", err)
	}
	return applied, s.EnsurePartitions(ctx)
}

// IsLocked reports whether a change of the schema was given up because others,
// such as a backup, held a lock. It will pass when it is tried again later.
func IsLocked(err error) bool {
	const lockNotAvailable = "55P03"
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code == lockNotAvailable
}

// IsCancelled reports whether the server was at work on a statement and ended it
// because its context had ended.
func IsCancelled(err error) bool {
	const queryCanceled = "57014"
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code == queryCanceled
}

// Pending reports whether the schema lacks a migration.
func (s *Store) Pending(ctx context.Context) (bool, error) {
	provider, err := s.migrations()
	if err != nil {
		return false, err
	}
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("compare the schema with the migrations: %w", err)
	}
	return pending, nil
}

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
