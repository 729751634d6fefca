package store

import (
	"context"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// CreatePublisher adds an active publisher to an account.
func (s *Store) CreatePublisher(ctx context.Context, account int64, name string) (reference.Publisher, error) {
	var publisher reference.Publisher
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		err := selectRow(ctx, tx, &publisher, "publishers/create", args{"account_id": account, "name": name})
		return history.Of(history.Publisher, account, publisher.ID, history.Create, nil, publisher), err
	})
	return publisher, created(err, "create publisher", reference.AccountObject, 0, account)
}

// Publishers returns the publishers of an account (0: of all) by id.
func (s *Store) Publishers(ctx context.Context, account int64) ([]reference.Publisher, error) {
	return listed[reference.Publisher](ctx, s, "publishers",
		"publishers/list", account)
}

// Publisher returns one publisher of the account, or a NotFoundError.
func (s *Store) Publisher(ctx context.Context, account, id int64) (reference.Publisher, error) {
	var publisher reference.Publisher
	err := selectRow(ctx, s.db, &publisher, "publishers/show", args{"account_id": account, "id": id})
	return publisher, found(err, reference.PublisherObject, account, id)
}

// EditPublisher changes a publisher.
func (s *Store) EditPublisher(ctx context.Context, account, id int64, change reference.PublisherChange) (reference.Publisher, error) {
	var publisher reference.Publisher
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		return edited(ctx, tx, history.Publisher, account, id, &publisher, "publishers/show", args{"account_id": account, "id": id},
			"publishers/edit", args{"account_id": account, "id": id, "name": change.Name, "status": change.Status})
	})
	return publisher, found(err, reference.PublisherObject, account, id)
}

// rulesOf returns a publisher as the rules need it.
func rulesOf(p *reference.Publisher) attribution.Publisher {
	return attribution.Publisher{ID: p.ID, AccountID: p.AccountID, Name: p.Name, Status: p.Status}
}
