package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// CreateAccount adds an account with a time zone, an IANA name, and returns it.
func (s *Store) CreateAccount(ctx context.Context, name, zone string) (reference.Account, error) {
	var account reference.Account
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		err := selectRow(ctx, tx, &account, "accounts/create", args{"name": name, "time_zone": zone})
		return history.Of(history.Account, account.ID, account.ID, history.Create, nil, account), err
	})
	if err != nil {
		return account, fmt.Errorf("create account: %w", err)
	}
	return account, nil
}

// Accounts returns all accounts by id.
func (s *Store) Accounts(ctx context.Context) ([]reference.Account, error) {
	accounts := []reference.Account{}
	if err := selectRows(ctx, s.db, &accounts, "accounts/list", nil); err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return accounts, nil
}

// Account returns one account, or a NotFoundError.
func (s *Store) Account(ctx context.Context, id int64) (reference.Account, error) {
	var account reference.Account
	err := selectRow(ctx, s.db, &account, "accounts/show", args{"id": id})
	return account, found(err, reference.AccountObject, 0, id)
}

// EditAccount changes an account.
func (s *Store) EditAccount(ctx context.Context, id int64, change reference.AccountChange) (reference.Account, error) {
	var account reference.Account
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		return edited(ctx, tx, history.Account, id, id, &account, "accounts/show", args{"id": id},
			"accounts/edit", args{"id": id, "name": change.Name, "time_zone": change.TimeZone})
	})
	return account, found(err, reference.AccountObject, 0, id)
}

// found returns a NotFoundError for sql.ErrNoRows, and wraps any other error.
func found(err error, object reference.Object, account, id int64) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return &reference.NotFoundError{Object: object, ID: id, Account: account}
	default:
		return fmt.Errorf("%s %d: %w", object, id, err)
	}
}

// listed reads the rows of an account (0: of all) by a statement. When there are none,
// it returns a NotFoundError unless the account exists. what names the rows in errors.
func listed[T any](ctx context.Context, s *Store, what, statement string, account int64) ([]T, error) {
	rows := []T{}
	if err := selectRows(ctx, s.db, &rows, statement, args{"account_id": account}); err != nil {
		return nil, fmt.Errorf("list %s: %w", what, err)
	}
	if len(rows) == 0 && account != 0 {
		if _, err := s.Account(ctx, account); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// owners holds, for each kind of object, the statement that finds its account.
var owners = map[reference.Object]string{
	reference.AdvertiserObject: "advertisers/owner",
	reference.PublisherObject:  "publishers/owner",
	reference.OfferObject:      "offers/owner",
	reference.DomainObject:     "domains/owner",
	reference.TokenObject:      "tokens/owner",
}

// Owner returns the account of an object. Ids are unique over all accounts; when rows
// from another source have the same id in two accounts, it returns an error.
func (s *Store) Owner(ctx context.Context, object reference.Object, id int64) (int64, error) {
	var accounts []int64
	if err := selectRows(ctx, s.db, &accounts, owners[object], args{"id": id}); err != nil {
		return 0, fmt.Errorf("find the account of %s %d: %w", object, id, err)
	}
	switch len(accounts) {
	case 0:
		return 0, &reference.NotFoundError{Object: object, ID: id}
	case 1:
		return accounts[0], nil
	default:
		return 0, reference.Refuse(reference.ErrConflict, "several accounts have a %s %d: say which account", object, id)
	}
}
