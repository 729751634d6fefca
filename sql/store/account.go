package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Account is one customer of the system, with offers, publishers and tokens
// that no other account sees.
type Account struct {
	ID        int64     `db:"id" json:"id"`
	Name      string    `db:"name" json:"name"`
	CreatedAt time.Time `db:"created_at" json:"created_at"`
}

// CreateAccount adds an account.
func (s *Store) CreateAccount(ctx context.Context, name string) (Account, error) {
	var account Account
	name, err := cleanName(name)
	if err != nil {
		return account, err
	}
	err = s.db.GetContext(ctx, &account, "INSERT INTO accounts (name) VALUES ($1::text) RETURNING *", name)
	if err != nil {
		return account, fmt.Errorf("create account: %w", err)
	}
	return account, nil
}

// Accounts lists all accounts by id.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) {
	accounts := []Account{}
	if err := s.db.SelectContext(ctx, &accounts, "SELECT * FROM accounts ORDER BY id"); err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return accounts, nil
}

// Account returns one account, or a NotFoundError.
func (s *Store) Account(ctx context.Context, id int64) (Account, error) {
	var account Account
	err := s.db.GetContext(ctx, &account, "SELECT * FROM accounts WHERE id = $1::bigint", id)
	return account, found(err, AccountObject, 0, id)
}

// EditAccount renames an account.
func (s *Store) EditAccount(ctx context.Context, id int64, name string) (Account, error) {
	var account Account
	name, err := cleanName(name)
	if err != nil {
		return account, err
	}
	err = s.db.GetContext(ctx, &account, "UPDATE accounts SET name = $2::text WHERE id = $1::bigint RETURNING *", id, name)
	return account, found(err, AccountObject, 0, id)
}

// found turns the error of a single row that is not there into one for people.
func found(err error, object Object, account, id int64) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return &NotFoundError{Object: object, ID: id, Account: account}
	default:
		return fmt.Errorf("%s %d: %w", object, id, err)
	}
}

// listed reads the rows of an account (0: of all), and tells an account that has
// none from one that does not exist. what they are is for the error.
func listed[T any](ctx context.Context, s *Store, what, query string, account int64) ([]T, error) {
	rows := []T{}
	if err := s.db.SelectContext(ctx, &rows, query, account); err != nil {
		return nil, fmt.Errorf("list %s: %w", what, err)
	}
	if len(rows) == 0 && account != 0 {
		if _, err := s.Account(ctx, account); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// owners asks, for each kind of object, whose it is.
var owners = map[Object]string{
	AdvertiserObject: "SELECT account_id FROM advertisers WHERE id = $1::bigint",
	PublisherObject:  "SELECT account_id FROM publishers WHERE id = $1::bigint",
	OfferObject:      "SELECT account_id FROM offers WHERE id = $1::bigint",
	DomainObject:     "SELECT account_id FROM domains WHERE id = $1::bigint",
	TokenObject:      "SELECT account_id FROM tokens WHERE id = $1::bigint",
}

// Owner returns which account has the object. Ids are handed out over all
// accounts; should rows from elsewhere have brought one twice, it is refused.
func (s *Store) Owner(ctx context.Context, object Object, id int64) (int64, error) {
	var accounts []int64
	if err := s.db.SelectContext(ctx, &accounts, owners[object], id); err != nil {
		return 0, fmt.Errorf("find the account of %s %d: %w", object, id, err)
	}
	switch len(accounts) {
	case 0:
		return 0, &NotFoundError{Object: object, ID: id}
	case 1:
		return accounts[0], nil
	default:
		return 0, refuse(ErrConflict, "several accounts have a %s %d: say which account", object, id)
	}
}
