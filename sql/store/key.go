package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
)

// CreateKey adds a key of an account, or with account 0 one of an operator.
func (s *Store) CreateKey(ctx context.Context, key keys.NewKey, prefix string, digest token.Digest) (keys.Key, error) {
	var made keys.Key
	err := selectRow(ctx, s.db, &made, "keys/create", args{
		"account_id": key.Account,
		"role":       string(key.Role),
		"name":       key.Name,
		"prefix":     prefix,
		"digest":     digest[:],
	})
	return made, created(err, "create key", reference.AccountObject, 0, key.Account)
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
	err := selectRow(ctx, s.db, &revoked, "keys/revoke", args{"account_id": account, "id": id})
	return revoked, found(err, reference.KeyObject, account, id)
}
