package store

import (
	"context"
	"time"
)

// Advertiser owns offers and fires their postbacks.
type Advertiser struct {
	ID        int64     `db:"id" json:"id"`
	AccountID int64     `db:"account_id" json:"account_id"`
	Name      string    `db:"name" json:"name"`
	CreatedAt time.Time `db:"created_at" json:"created_at"`
}

// CreateAdvertiser adds an advertiser to an account.
func (s *Store) CreateAdvertiser(ctx context.Context, account int64, name string) (Advertiser, error) {
	var advertiser Advertiser
	name, err := cleanName(name)
	if err != nil {
		return advertiser, err
	}
	err = s.db.GetContext(ctx, &advertiser,
		"INSERT INTO advertisers (account_id, name) SELECT id, $2::text FROM accounts WHERE id = $1::bigint FOR KEY SHARE RETURNING *",
		account, name)
	return advertiser, created(err, "create advertiser", AccountObject, 0, account)
}

// Advertisers lists the advertisers of an account (0: of all) by id.
func (s *Store) Advertisers(ctx context.Context, account int64) ([]Advertiser, error) {
	return listed[Advertiser](ctx, s, "advertisers",
		"SELECT * FROM advertisers WHERE $1::bigint = 0 OR account_id = $1::bigint ORDER BY id", account)
}

// Advertiser returns one advertiser of the account, or a NotFoundError.
func (s *Store) Advertiser(ctx context.Context, account, id int64) (Advertiser, error) {
	var advertiser Advertiser
	err := s.db.GetContext(ctx, &advertiser,
		"SELECT * FROM advertisers WHERE account_id = $1::bigint AND id = $2::bigint", account, id)
	return advertiser, found(err, AdvertiserObject, account, id)
}

// EditAdvertiser renames an advertiser.
func (s *Store) EditAdvertiser(ctx context.Context, account, id int64, name string) (Advertiser, error) {
	var advertiser Advertiser
	name, err := cleanName(name)
	if err != nil {
		return advertiser, err
	}
	err = s.db.GetContext(ctx, &advertiser,
		"UPDATE advertisers SET name = $3::text WHERE account_id = $1::bigint AND id = $2::bigint RETURNING *", account, id, name)
	return advertiser, found(err, AdvertiserObject, account, id)
}
