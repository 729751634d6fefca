package store

import (
	"context"
	"fmt"
)

// maxNamesakes is how many are named: more would not be read.
const maxNamesakes = 5

// namesakes find, for each kind of object that has a name, those of the same
// account that have the same one, in whatever case.
var namesakes = map[Object]string{
	AccountObject: `SELECT other.id FROM accounts AS own JOIN accounts AS other ON lower(other.name) = lower(own.name)
		WHERE own.id = $1::bigint AND other.id <> own.id ORDER BY other.id LIMIT $2::bigint`,
	AdvertiserObject: `SELECT other.id FROM advertisers AS own JOIN advertisers AS other ON lower(other.name) = lower(own.name)
		WHERE own.id = $1::bigint AND other.account_id = own.account_id AND other.id <> own.id ORDER BY other.id LIMIT $2::bigint`,
	PublisherObject: `SELECT other.id FROM publishers AS own JOIN publishers AS other ON lower(other.name) = lower(own.name)
		WHERE own.id = $1::bigint AND other.account_id = own.account_id AND other.id <> own.id ORDER BY other.id LIMIT $2::bigint`,
	OfferObject: `SELECT other.id FROM offers AS own JOIN offers AS other ON lower(other.name) = lower(own.name)
		WHERE own.id = $1::bigint AND other.account_id = own.account_id AND other.id <> own.id ORDER BY other.id LIMIT $2::bigint`,
}

// Namesakes returns the ids of the account's other objects of that kind that
// have the same name, whatever its case; the first five, by id. Of an account,
// the other accounts.
func (s *Store) Namesakes(ctx context.Context, object Object, id int64) ([]int64, error) {
	var ids []int64
	if err := s.db.SelectContext(ctx, &ids, namesakes[object], id, maxNamesakes); err != nil {
		return nil, fmt.Errorf("look for others with the name of %s %d: %w", object, id, err)
	}
	return ids, nil
}
