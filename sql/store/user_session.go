package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"integr8/handlers/operate/users"
	"integr8/pipeline/token"
)

// BeginSession adds a session of a user as he was looked at; false when he was disabled,
// or his password was changed, since. It forgets sessions of his that expired long ago.
func (s *Store) BeginSession(ctx context.Context, user users.User, digest token.Digest, from users.Browser, lasts time.Duration) (bool, error) {
	if _, err := execute(ctx, s.db, "user_sessions/forget", args{"user_id": user.ID}); err != nil {
		return false, fmt.Errorf("forget sessions of user %d: %w", user.ID, err)
	}
	result, err := execute(ctx, s.db, "user_sessions/create", args{
		"user_id":         user.ID,
		"password_set_at": user.PasswordSetAt,
		"digest":          digest[:],
		"address":         from.Address,
		"user_agent":      from.UserAgent,
		"lasts":           lasts.Seconds(),
	})
	return changedOne(result, err, "begin a session")
}

// changedOne reports whether a statement changed a row.
func changedOne(result sql.Result, err error, tried string) (bool, error) {
	if err != nil {
		return false, fmt.Errorf("%s: %w", tried, err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("%s: %w", tried, err)
	}
	return rows > 0, nil
}

// UseSession returns the user of a session, and writes that it is used, at most once a
// minute; false when there is none, or when it has ended or was idle for too long.
func (s *Store) UseSession(ctx context.Context, digest token.Digest, idle time.Duration) (users.User, bool, error) {
	var row struct {
		users.User
		SessionID int64 `db:"session_id"`
		Unmarked  bool  `db:"unmarked"`
	}
	err := selectRow(ctx, s.db, &row, "user_sessions/find", args{"digest": digest[:], "idle": idle.Seconds()})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return users.User{}, false, nil
	case err != nil:
		return users.User{}, false, fmt.Errorf("look up a session: %w", err)
	case row.Unmarked:
		if _, err := execute(ctx, s.db, "user_sessions/mark_seen", args{"id": row.SessionID}); err != nil {
			return users.User{}, false, fmt.Errorf("write the use of session %d: %w", row.SessionID, err)
		}
	}
	return row.User, true, nil
}

// EndSession ends the session with a digest.
func (s *Store) EndSession(ctx context.Context, digest token.Digest) error {
	if _, err := execute(ctx, s.db, "user_sessions/log_out", args{"digest": digest[:]}); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// Sessions lists the sessions that can be used of a user (empty: of all), the newest
// first.
func (s *Store) Sessions(ctx context.Context, name string, idle time.Duration) ([]users.Session, error) {
	all := []users.Session{}
	if err := selectRows(ctx, s.db, &all, "user_sessions/list", args{"name": name, "idle": idle.Seconds()}); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return all, nil
}

// EndSessions ends a session of a user (0: all of them), and returns how many it was.
func (s *Store) EndSessions(ctx context.Context, name string, id int64) (int64, error) {
	var ended int64
	if err := selectRow(ctx, s.db, &ended, "user_sessions/end", args{"name": name, "id": id}); err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	return ended, nil
}

// KnowsAddress reports whether a user has logged in from an address.
func (s *Store) KnowsAddress(ctx context.Context, name, address string) (bool, error) {
	var known bool
	if err := selectRow(ctx, s.db, &known, "user_sessions/known_address", args{"name": name, "address": address}); err != nil {
		return false, fmt.Errorf("look up the addresses of a user: %w", err)
	}
	return known, nil
}

// CreateLink adds a link; false when there is no such user who may log in.
func (s *Store) CreateLink(ctx context.Context, name string, digest token.Digest, lasts time.Duration) (bool, error) {
	result, err := execute(ctx, s.db, "user_links/create", args{"name": name, "digest": digest[:], "lasts": lasts.Seconds()})
	return changedOne(result, err, "make a log-in link")
}

// UseLink uses up a link and returns its user; false when there is none.
func (s *Store) UseLink(ctx context.Context, digest token.Digest) (users.User, bool, error) {
	var user users.User
	err := selectRow(ctx, s.db, &user, "user_links/use", args{"digest": digest[:]})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return users.User{}, false, nil
	case err != nil:
		return users.User{}, false, fmt.Errorf("use a log-in link: %w", err)
	default:
		return user, true, nil
	}
}
