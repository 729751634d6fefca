package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
)

// CreateUser adds a user.
func (s *Store) CreateUser(ctx context.Context, user users.NewUser, hash string) (users.User, error) {
	var made users.User
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		err := selectRow(ctx, tx, &made, "users/create", args{
			"name":          user.Name,
			"role":          string(user.Role),
			"account_id":    user.Account,
			"password_hash": hash,
		})
		if errors.Is(err, sql.ErrNoRows) {
			err = whyNotCreated(ctx, tx, user)
		}
		return history.Of(history.User, user.Account, made.ID, history.Create, nil, made), err
	})
	return made, userError("create user", err)
}

// whyNotCreated returns why users/create has added no user.
func whyNotCreated(ctx context.Context, tx *sqlx.Tx, user users.NewUser) error {
	var other users.User
	err := selectRow(ctx, tx, &other, "users/show", args{"name": user.Name})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return &reference.NotFoundError{Object: reference.AccountObject, ID: user.Account}
	case err != nil:
		return err
	default:
		return reference.Refuse(reference.ErrConflict, "there is a user %q already", user.Name)
	}
}

// Users lists all users by name.
func (s *Store) Users(ctx context.Context) ([]users.User, error) {
	all := []users.User{}
	if err := selectRows(ctx, s.db, &all, "users/list", nil); err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return all, nil
}

// EditUser changes a user. A change of his password or disabling him ends his sessions
// and links.
func (s *Store) EditUser(ctx context.Context, name string, change users.Change) (users.User, error) {
	var after users.User
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		var before users.User
		if err := selectRow(ctx, tx, &before, "users/show", args{"name": name}); err != nil {
			return history.Change{}, err
		}
		if change.Account != nil {
			if err := checkAccount(ctx, tx, *change.Account); err != nil {
				return history.Change{}, err
			}
		}
		err := selectRow(ctx, tx, &after, "users/edit", args{
			"name":          name,
			"role":          (*string)(change.Role),
			"account_id":    change.Account,
			"password_hash": change.Hash,
			"disabled":      change.Disabled,
		})
		if err == nil && change.EndsSessions() {
			err = endAll(ctx, tx, name)
		}
		return history.Of(history.User, after.Account(), after.ID, history.Edit, before, after), err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = reference.Refuse(reference.ErrNotFound, "there is no user %q", name)
	}
	return after, userError("edit user", err)
}

// checkAccount refuses an account that does not exist; 0 is none.
func checkAccount(ctx context.Context, tx *sqlx.Tx, account int64) error {
	if account == 0 {
		return nil
	}
	var found reference.Account
	err := selectRow(ctx, tx, &found, "accounts/show", args{"id": account})
	if errors.Is(err, sql.ErrNoRows) {
		return &reference.NotFoundError{Object: reference.AccountObject, ID: account}
	}
	return err
}

// endAll ends the sessions and the links of a user.
func endAll(ctx context.Context, tx *sqlx.Tx, name string) error {
	if _, err := execute(ctx, tx, "user_links/end", args{"name": name}); err != nil {
		return err
	}
	_, err := execute(ctx, tx, "user_sessions/end", args{"name": name, "id": int64(0)})
	return err
}

// userError says what was tried where an error is not for people already.
func userError(tried string, err error) error {
	if err == nil || errors.Is(err, reference.ErrConflict) || errors.Is(err, reference.ErrNotFound) {
		return err
	}
	return fmt.Errorf("%s: %w", tried, err)
}

// Credentials returns a user with the hash of his password; false when there is none.
func (s *Store) Credentials(ctx context.Context, name string) (users.User, string, bool, error) {
	var row struct {
		users.User
		Hash string `db:"password_hash"`
	}
	err := selectRow(ctx, s.db, &row, "users/credentials", args{"name": name})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return users.User{}, "", false, nil
	case err != nil:
		return users.User{}, "", false, fmt.Errorf("look up a user: %w", err)
	default:
		return row.User, row.Hash, true, nil
	}
}
