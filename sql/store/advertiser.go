package store

import (
	"context"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// CreateAdvertiser adds an advertiser to an account.
func (s *Store) CreateAdvertiser(ctx context.Context, account int64, name string) (reference.Advertiser, error) {
	var advertiser reference.Advertiser
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		err := selectRow(ctx, tx, &advertiser, "advertisers/create", args{"account_id": account, "name": name})
		return history.Of(history.Advertiser, account, advertiser.ID, history.Create, nil, advertiser), err
	})
	return advertiser, created(err, "create advertiser", reference.AccountObject, 0, account)
}

// Advertisers returns the advertisers of an account (0: of all) by id.
func (s *Store) Advertisers(ctx context.Context, account int64) ([]reference.Advertiser, error) {
	return listed[reference.Advertiser](ctx, s, "advertisers",
		"advertisers/list", account)
}

// Advertiser returns one advertiser of the account, or a NotFoundError.
func (s *Store) Advertiser(ctx context.Context, account, id int64) (reference.Advertiser, error) {
	var advertiser reference.Advertiser
	err := selectRow(ctx, s.db, &advertiser, "advertisers/show", args{"account_id": account, "id": id})
	return advertiser, found(err, reference.AdvertiserObject, account, id)
}

// EditAdvertiser renames an advertiser.
func (s *Store) EditAdvertiser(ctx context.Context, account, id int64, name string) (reference.Advertiser, error) {
	var advertiser reference.Advertiser
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		return edited(ctx, tx, history.Advertiser, account, id, &advertiser, "advertisers/show", args{"account_id": account, "id": id},
			"advertisers/rename", args{"account_id": account, "id": id, "name": name})
	})
	return advertiser, found(err, reference.AdvertiserObject, account, id)
}
