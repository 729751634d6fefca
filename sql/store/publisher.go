package store

import (
	"context"
	"time"

	"integr8/handlers/attribution"
	sqlfiles "integr8/sql"
)

// Publisher sends visitors through tracking links.
type Publisher struct {
	ID        int64              `db:"id" json:"id"`
	AccountID int64              `db:"account_id" json:"account_id"`
	Name      string             `db:"name" json:"name"`
	Status    attribution.Status `db:"status" json:"status"`
	CreatedAt time.Time          `db:"created_at" json:"created_at"`
}

// PublisherChange says what to change; nil leaves it as it is.
type PublisherChange struct {
	Name   *string
	Status *attribution.Status
}

// CreatePublisher adds an active publisher to an account.
func (s *Store) CreatePublisher(ctx context.Context, account int64, name string) (Publisher, error) {
	var publisher Publisher
	name, err := cleanName(name)
	if err != nil {
		return publisher, err
	}
	err = s.db.GetContext(ctx, &publisher,
		"INSERT INTO publishers (account_id, name) SELECT id, $2::text FROM accounts WHERE id = $1::bigint FOR KEY SHARE RETURNING *",
		account, name)
	return publisher, created(err, "create publisher", AccountObject, 0, account)
}

// Publishers lists the publishers of an account (0: of all) by id.
func (s *Store) Publishers(ctx context.Context, account int64) ([]Publisher, error) {
	return listed[Publisher](ctx, s, "publishers",
		"SELECT * FROM publishers WHERE $1::bigint = 0 OR account_id = $1::bigint ORDER BY id", account)
}

// Publisher returns one publisher of the account, or a NotFoundError.
func (s *Store) Publisher(ctx context.Context, account, id int64) (Publisher, error) {
	var publisher Publisher
	err := s.db.GetContext(ctx, &publisher,
		"SELECT * FROM publishers WHERE account_id = $1::bigint AND id = $2::bigint", account, id)
	return publisher, found(err, PublisherObject, account, id)
}

// EditPublisher changes a publisher.
func (s *Store) EditPublisher(ctx context.Context, account, id int64, change PublisherChange) (Publisher, error) {
	var publisher Publisher
	name, err := cleanChange(change.Name)
	if err != nil {
		return publisher, err
	}
	err = s.db.GetContext(ctx, &publisher, sqlfiles.Query("edit_publisher"), account, id, name, change.Status)
	return publisher, found(err, PublisherObject, account, id)
}

// rules returns what the rules know of a publisher.
func (p *Publisher) rules() attribution.Publisher {
	return attribution.Publisher{ID: p.ID, AccountID: p.AccountID, Name: p.Name, Status: p.Status}
}
