package reference

import (
	"context"
	"time"
)

// Account is one customer of the system, with offers, publishers and tokens
// that no other account sees.
type Account struct {
	ID        int64     `db:"id" json:"id"`
	Name      string    `db:"name" json:"name"`
	CreatedAt time.Time `db:"created_at" json:"created_at"`
}

// AccountStore holds accounts.
type AccountStore interface {
	namesakes
	CreateAccount(ctx context.Context, name string) (Account, error)
	// Accounts lists all accounts by id.
	Accounts(ctx context.Context) ([]Account, error)
	// Account and EditAccount return a NotFoundError where there is no such account.
	Account(ctx context.Context, id int64) (Account, error)
	EditAccount(ctx context.Context, id int64, name string) (Account, error)
}

// Accounts are the use cases on accounts.
type Accounts struct{ Store AccountStore }

// Create adds an account.
func (a Accounts) Create(ctx context.Context, name string) (Account, Warnings, error) {
	return a.named(ctx, name, a.Store.CreateAccount)
}

// List returns the accounts whose name contains a text, by id.
func (a Accounts) List(ctx context.Context, name string) ([]Account, error) {
	accounts, err := a.Store.Accounts(ctx)
	return only(accounts, func(account Account) bool { return contains(account.Name, name) }), err
}

// Show returns one account.
func (a Accounts) Show(ctx context.Context, id int64) (Account, error) {
	return a.Store.Account(ctx, id)
}

// Rename changes the name of an account.
func (a Accounts) Rename(ctx context.Context, id int64, name string) (Account, Warnings, error) {
	return a.named(ctx, name, func(ctx context.Context, name string) (Account, error) {
		return a.Store.EditAccount(ctx, id, name)
	})
}

func (a Accounts) named(ctx context.Context, name string, do func(ctx context.Context, name string) (Account, error)) (Account, Warnings, error) {
	name, err := CleanName(name)
	if err != nil {
		return Account{}, nil, err
	}
	account, err := do(ctx, name)
	if err != nil {
		return Account{}, nil, err
	}
	return account, warnOfNamesakes(ctx, a.Store, AccountObject, account.ID, account.Name), nil
}
