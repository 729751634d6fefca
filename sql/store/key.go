package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
)

// CreateKey adds a key of an account, or with account 0 one of an operator.
func (s *Store) CreateKey(ctx context.Context, key keys.NewKey, prefix string, digest token.Digest) (keys.Key, error) {
	var made keys.Key
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		err := selectRow(ctx, tx, &made, "keys/create", args{
			"account_id": key.Account,
			"role":       string(key.Role),
			"name":       key.Name,
			"prefix":     prefix,
			"digest":     digest[:],
		})
		return history.Of(history.Key, key.Account, made.ID, history.Create, nil, made), err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return made, &reference.NotFoundError{Object: reference.AccountObject, ID: key.Account}
	}
	if err != nil {
		return made, fmt.Errorf("create key: %w", err)
	}
	return made, nil
}

// Keys returns the keys of an account (0: of all, and those of operators) by id.
func (s *Store) Keys(ctx context.Context, account int64) ([]keys.Key, error) {
	return listed[keys.Key](ctx, s, "keys", "keys/list", account)
}

// UseKey returns the key with a digest, and writes that it is used, at most once a
// minute. It returns false when there is none, or when it is revoked.
func (s *Store) UseKey(ctx context.Context, digest token.Digest) (keys.Key, bool, error) {
	var row struct {
		keys.Key
		Unmarked bool `db:"unmarked"`
	}
	err := selectRow(ctx, s.db, &row, "keys/find", args{"digest": digest[:]})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return keys.Key{}, false, nil
	case err != nil:
		return keys.Key{}, false, fmt.Errorf("look up a key: %w", err)
	case row.Unmarked:
		if _, err := execute(ctx, s.db, "keys/mark_used", args{"id": row.ID}); err != nil {
			return keys.Key{}, false, fmt.Errorf("write the use of key %d: %w", row.ID, err)
		}
	}
	return row.Key, true, nil
}

// RevokeKey revokes a key of an account (0: any key), or returns a NotFoundError.
func (s *Store) RevokeKey(ctx context.Context, account, id int64) (keys.Key, error) {
	var revoked keys.Key
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		change, err := edited(ctx, tx, history.Key, account, id, &revoked, "keys/show", args{"account_id": account, "id": id},
			"keys/revoke", args{"account_id": account, "id": id})
		change.Act = history.Revoke
		if revoked.AccountID != nil {
			change.AccountID = *revoked.AccountID
		}
		return change, err
	})
	return revoked, found(err, reference.KeyObject, account, id)
}
