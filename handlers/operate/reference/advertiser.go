package reference

import (
	"context"
	"time"
)

// Advertiser owns offers and sends their postbacks.
type Advertiser struct {
	ID        int64     `db:"id" json:"id"`
	AccountID int64     `db:"account_id" json:"account_id"`
	Name      string    `db:"name" json:"name"`
	CreatedAt time.Time `db:"created_at" json:"created_at"`
}

// AdvertiserStore holds advertisers.
type AdvertiserStore interface {
	owners
	namesakes
	CreateAdvertiser(ctx context.Context, account int64, name string) (Advertiser, error)
	// Advertisers lists those of an account (0: of all) by id. When there are none, it
	// returns a NotFoundError unless the account exists. The lists of the other objects
	// of an account do the same.
	Advertisers(ctx context.Context, account int64) ([]Advertiser, error)
	Advertiser(ctx context.Context, account, id int64) (Advertiser, error)
	EditAdvertiser(ctx context.Context, account, id int64, name string) (Advertiser, error)
}

// Advertisers are the use cases on advertisers.
type Advertisers struct{ Store AdvertiserStore }

// Create adds an advertiser to an account.
func (a Advertisers) Create(ctx context.Context, account int64, name string) (Advertiser, Warnings, error) {
	return a.named(ctx, name, func(name string) (Advertiser, error) { return a.Store.CreateAdvertiser(ctx, account, name) })
}

// List returns the advertisers of an account (0: of all) whose name contains a text, by
// id.
func (a Advertisers) List(ctx context.Context, account int64, name string) ([]Advertiser, error) {
	advertisers, err := a.Store.Advertisers(ctx, account)
	return only(advertisers, func(advertiser Advertiser) bool { return contains(advertiser.Name, name) }), err
}

// Show returns one advertiser.
func (a Advertisers) Show(ctx context.Context, account, id int64) (Advertiser, error) {
	account, err := ownerOf(ctx, a.Store, AdvertiserObject, account, id)
	if err != nil {
		return Advertiser{}, err
	}
	return a.Store.Advertiser(ctx, account, id)
}

// Rename changes the name of an advertiser.
func (a Advertisers) Rename(ctx context.Context, account, id int64, name string) (Advertiser, Warnings, error) {
	account, err := ownerOf(ctx, a.Store, AdvertiserObject, account, id)
	if err != nil {
		return Advertiser{}, nil, err
	}
	return a.named(ctx, name, func(name string) (Advertiser, error) { return a.Store.EditAdvertiser(ctx, account, id, name) })
}

func (a Advertisers) named(ctx context.Context, name string, do func(name string) (Advertiser, error)) (Advertiser, Warnings, error) {
	name, err := CleanName(name)
	if err != nil {
		return Advertiser{}, nil, err
	}
	advertiser, err := do(name)
	if err != nil {
		return Advertiser{}, nil, err
	}
	return advertiser, warnOfNamesakes(ctx, a.Store, AdvertiserObject, advertiser.ID, advertiser.Name), nil
}
