package system

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
)

func (s *System) createDatabase(ctx context.Context) error {
	if _, err := s.onServer(ctx, "CREATE DATABASE "+s.database); err != nil {
		return err
	}
	address, err := url.Parse(s.options.Servers.DatabaseURL)
	if err != nil {
		return errors.New("DATABASE_URL cannot be read")
	}
	address.Path = "/" + s.database
	s.databaseURL = address.String()
	if s.DB, err = sql.Open("postgres", s.databaseURL); err != nil {
		return fmt.Errorf("open the drill's database: %w", err)
	}
	s.DB.SetMaxOpenConns(4)
	return nil
}

// AlterDatabase changes the drill's database, unless change is empty, and ends every
// connection to it, so that all are made again.
func (s *System) AlterDatabase(ctx context.Context, change string) error {
	if change != "" {
		if _, err := s.onServer(ctx, "ALTER DATABASE "+s.database+" "+change); err != nil {
			return err
		}
	}
	_, err := s.onServer(ctx, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1", s.database)
	return err
}

// onServer runs one statement on the server, in a session of its own and
// outside of the drill's database, and returns the first column of the first
// row, if there is any.
func (s *System) onServer(ctx context.Context, statement string, args ...any) (answer string, err error) {
	server, err := sql.Open("postgres", s.options.Servers.DatabaseURL)
	if err == nil {
		err = server.QueryRowContext(ctx, statement, args...).Scan(&answer)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		err = errors.Join(err, server.Close())
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", statement, err)
	}
	return answer, nil
}
