package store

import (
	"context"
	"fmt"

	"integr8/handlers/operate/reference"
)

// maxNamesakes is how many ids Namesakes returns at most; nobody would read more.
const maxNamesakes = 5

// namesakes holds, for each kind of object with a name, the statement that finds objects
// of the same account with the same name, ignoring case.
var namesakes = map[reference.Object]string{
	reference.AccountObject:    "accounts/namesakes",
	reference.AdvertiserObject: "advertisers/namesakes",
	reference.PublisherObject:  "publishers/namesakes",
	reference.OfferObject:      "offers/namesakes",
}

// Namesakes returns the ids of the account's other objects of that kind with the same
// name, ignoring case; the first five, by id. For an account it returns other accounts.
func (s *Store) Namesakes(ctx context.Context, object reference.Object, id int64) ([]int64, error) {
	var ids []int64
	if err := selectRows(ctx, s.db, &ids, namesakes[object], args{"id": id, "most": maxNamesakes}); err != nil {
		return nil, fmt.Errorf("look for others with the name of %s %d: %w", object, id, err)
	}
	return ids, nil
}
