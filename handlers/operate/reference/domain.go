package reference

import (
	"context"
	"errors"
	"time"
)

// Domain is a custom tracking domain: the host that serves an account's pixels.
type Domain struct {
	ID        int64     `db:"id" json:"id"`
	AccountID int64     `db:"account_id" json:"account_id"`
	Host      string    `db:"host" json:"host"`
	CreatedAt time.Time `db:"created_at" json:"created_at"`
}

// DomainStore holds tracking domains.
type DomainStore interface {
	owners
	// CreateDomain and EditDomain take a host in its normal form. The error matches
	// ErrConflict when the host is taken.
	CreateDomain(ctx context.Context, account int64, host string) (Domain, error)
	EditDomain(ctx context.Context, account, id int64, host string) (Domain, error)
	Domains(ctx context.Context, account int64) ([]Domain, error)
	Domain(ctx context.Context, account, id int64) (Domain, error)
}

// Domains are the use cases on tracking domains.
type Domains struct{ Store DomainStore }

// Create adds a tracking domain to an account. A host belongs to one account at most.
func (d Domains) Create(ctx context.Context, account int64, host string) (Domain, Warnings, error) {
	host, warnings, err := readHost(host)
	if err != nil {
		return Domain{}, warnings, At("host", err)
	}
	domain, err := d.Store.CreateDomain(ctx, account, host)
	return domain, warnings, taken(err)
}

// List returns the tracking domains of an account (0: of all) whose host contains a
// text, by id.
func (d Domains) List(ctx context.Context, account int64, host string) ([]Domain, error) {
	domains, err := d.Store.Domains(ctx, account)
	return only(domains, func(domain Domain) bool { return contains(domain.Host, host) }), err
}

// Show returns one tracking domain.
func (d Domains) Show(ctx context.Context, account, id int64) (Domain, error) {
	account, err := ownerOf(ctx, d.Store, DomainObject, account, id)
	if err != nil {
		return Domain{}, err
	}
	return d.Store.Domain(ctx, account, id)
}

// Move changes the host of a tracking domain. Pixels on the old one stop working at once.
func (d Domains) Move(ctx context.Context, account, id int64, host string) (Domain, Warnings, error) {
	account, err := ownerOf(ctx, d.Store, DomainObject, account, id)
	if err != nil {
		return Domain{}, nil, err
	}
	host, warnings, err := readHost(host)
	if err != nil {
		return Domain{}, warnings, At("host", err)
	}
	domain, err := d.Store.EditDomain(ctx, account, id, host)
	return domain, warnings, taken(err)
}

// taken says that a conflict is about the host.
func taken(err error) error {
	if errors.Is(err, ErrConflict) {
		return At("host", err)
	}
	return err
}
