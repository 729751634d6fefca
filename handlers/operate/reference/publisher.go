package reference

import (
	"context"
	"time"

	"integr8/handlers/attribution"
)

// Publisher sends visitors through tracking links.
type Publisher struct {
	ID        int64              `db:"id" json:"id"`
	AccountID int64              `db:"account_id" json:"account_id"`
	Name      string             `db:"name" json:"name"`
	Status    attribution.Status `db:"status" json:"status"`
	CreatedAt time.Time          `db:"created_at" json:"created_at"`
}

// Paused reports whether the publisher's links send nobody on.
func (p Publisher) Paused() bool { return p.Status == attribution.Paused }

// PublisherChange is a change of a publisher; a nil field changes nothing.
type PublisherChange struct {
	Name   *string
	Status *attribution.Status
}

// PublisherFilter matches publishers; a zero field matches all.
type PublisherFilter struct {
	Account int64
	Name    string // a part of the name, in upper or lower case
	Status  attribution.Status
}

// PublisherStore holds publishers.
type PublisherStore interface {
	owners
	namesakes
	CreatePublisher(ctx context.Context, account int64, name string) (Publisher, error)
	Publishers(ctx context.Context, account int64) ([]Publisher, error)
	Publisher(ctx context.Context, account, id int64) (Publisher, error)
	EditPublisher(ctx context.Context, account, id int64, change PublisherChange) (Publisher, error)
}

// Publishers are the use cases on publishers.
type Publishers struct{ Store PublisherStore }

// Create adds an active publisher to an account.
func (p Publishers) Create(ctx context.Context, account int64, name string) (Publisher, Warnings, error) {
	name, err := CleanName(name)
	if err != nil {
		return Publisher{}, nil, err
	}
	publisher, err := p.Store.CreatePublisher(ctx, account, name)
	if err != nil {
		return Publisher{}, nil, err
	}
	return publisher, p.namesakes(ctx, publisher), nil
}

// List returns the publishers that the filter chooses, by id.
func (p Publishers) List(ctx context.Context, filter PublisherFilter) ([]Publisher, error) {
	publishers, err := p.Store.Publishers(ctx, filter.Account)
	return only(publishers, func(publisher Publisher) bool {
		return contains(publisher.Name, filter.Name) && (filter.Status == "" || filter.Status == publisher.Status)
	}), err
}

// Show returns one publisher.
func (p Publishers) Show(ctx context.Context, account, id int64) (Publisher, error) {
	account, err := ownerOf(ctx, p.Store, PublisherObject, account, id)
	if err != nil {
		return Publisher{}, err
	}
	return p.Store.Publisher(ctx, account, id)
}

// Edit changes a publisher. Links of a paused publisher send no visitors on, and
// nothing converts for it.
func (p Publishers) Edit(ctx context.Context, account, id int64, change PublisherChange) (Publisher, Warnings, error) {
	account, err := ownerOf(ctx, p.Store, PublisherObject, account, id)
	if err != nil {
		return Publisher{}, nil, err
	}
	if change.Name, err = cleanChange(change.Name, CleanName); err != nil {
		return Publisher{}, nil, err
	}
	publisher, err := p.Store.EditPublisher(ctx, account, id, change)
	if err != nil || change.Name == nil {
		return publisher, nil, err
	}
	return publisher, p.namesakes(ctx, publisher), nil
}

func (p Publishers) namesakes(ctx context.Context, publisher Publisher) Warnings {
	return warnOfNamesakes(ctx, p.Store, PublisherObject, publisher.ID, publisher.Name)
}
