package reference

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"integr8/handlers/operate"
)

// Account is one customer of the system, with offers, publishers and tokens
// that no other account sees.
type Account struct {
	ID   int64  `db:"id" json:"id"`
	Name string `db:"name" json:"name"`
	// TimeZone is the IANA name of the zone whose days the account's reports have.
	TimeZone  string    `db:"time_zone" json:"time_zone"`
	CreatedAt time.Time `db:"created_at" json:"created_at"`
}

// DefaultTimeZone is that of an account for which nobody has chosen one.
const DefaultTimeZone = "UTC"

// AccountChange is a change of an account; a nil field changes nothing.
type AccountChange struct {
	Name     *string
	TimeZone *string
}

// AccountStore holds accounts.
type AccountStore interface {
	namesakes
	CreateAccount(ctx context.Context, name, zone string) (Account, error)
	// Accounts lists all accounts by id.
	Accounts(ctx context.Context) ([]Account, error)
	// Account and EditAccount return a NotFoundError where there is no such account.
	Account(ctx context.Context, id int64) (Account, error)
	EditAccount(ctx context.Context, id int64, change AccountChange) (Account, error)
}

// Accounts are the use cases on accounts.
type Accounts struct{ Store AccountStore }

// Create adds an account. zone is an IANA name; without one it is DefaultTimeZone.
func (a Accounts) Create(ctx context.Context, name, zone string) (Account, Warnings, error) {
	name, unnamed := CleanName(name)
	zone, unknown := cleanZone(cmp.Or(zone, DefaultTimeZone))
	if err := errors.Join(unnamed, unknown); err != nil {
		return Account{}, nil, err
	}
	account, err := a.Store.CreateAccount(ctx, name, zone)
	if err != nil {
		return Account{}, nil, err
	}
	return account, a.namesakes(ctx, account), nil
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

// Edit changes an account. With another time zone its reports have other days from then on,
// also of the time before.
func (a Accounts) Edit(ctx context.Context, id int64, change AccountChange) (Account, Warnings, error) {
	name, unnamed := cleanChange(change.Name, CleanName)
	zone, unknown := cleanChange(change.TimeZone, cleanZone)
	if err := errors.Join(unnamed, unknown); err != nil {
		return Account{}, nil, err
	}
	account, err := a.Store.EditAccount(ctx, id, AccountChange{Name: name, TimeZone: zone})
	if err != nil || name == nil {
		return account, nil, err
	}
	return account, a.namesakes(ctx, account), nil
}

func (a Accounts) namesakes(ctx context.Context, account Account) Warnings {
	return warnOfNamesakes(ctx, a.Store, AccountObject, account.ID, account.Name)
}

// cleanZone trims the IANA name of a time zone. The error matches ErrInvalid.
func cleanZone(name string) (string, error) {
	name = strings.TrimSpace(name)
	if _, err := operate.Zone(name); err != nil {
		return "", At("time_zone", Refuse(ErrInvalid, "%q is %v", name, err))
	}
	return name, nil
}
