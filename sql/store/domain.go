package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/sql/store/pg"
)

// CreateDomain adds a tracking domain to an account. A host belongs to one
// account at most.
func (s *Store) CreateDomain(ctx context.Context, account int64, host string) (reference.Domain, error) {
	var domain reference.Domain
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		err := selectRow(ctx, tx, &domain, "domains/create", args{"account_id": account, "host": host})
		return history.Of(history.Domain, account, domain.ID, history.Create, nil, domain), err
	})
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := s.Account(ctx, account); err != nil {
			return domain, err
		}
		return domain, s.hostTaken(ctx, account, host)
	}
	if err != nil {
		return domain, fmt.Errorf("create domain: %w", err)
	}
	return domain, nil
}

// Domains returns the tracking domains of an account (0: of all) by id.
func (s *Store) Domains(ctx context.Context, account int64) ([]reference.Domain, error) {
	return listed[reference.Domain](ctx, s, "domains",
		"domains/list", account)
}

// Domain returns one tracking domain of the account, or a NotFoundError.
func (s *Store) Domain(ctx context.Context, account, id int64) (reference.Domain, error) {
	var domain reference.Domain
	err := selectRow(ctx, s.db, &domain, "domains/show", args{"account_id": account, "id": id})
	return domain, found(err, reference.DomainObject, account, id)
}

// EditDomain changes a domain's host.
func (s *Store) EditDomain(ctx context.Context, account, id int64, host string) (reference.Domain, error) {
	var domain reference.Domain
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		return edited(ctx, tx, history.Domain, account, id, &domain, "domains/show", args{"account_id": account, "id": id},
			"domains/edit", args{"account_id": account, "id": id, "host": host})
	})
	if pg.IsUniqueViolation(err) {
		return domain, s.hostTaken(ctx, account, host)
	}
	return domain, found(err, reference.DomainObject, account, id)
}

// hostTaken returns the error for a host that is in use. It says whether the account
// itself has the host, but does not name any other account.
func (s *Store) hostTaken(ctx context.Context, account int64, host string) error {
	var ids []int64
	err := selectRows(ctx, s.db, &ids, "domains/of_host", args{"account_id": account, "host": host})
	if err != nil {
		return fmt.Errorf("find domain %s: %w", host, err)
	}
	if len(ids) == 0 {
		return reference.Refuse(reference.ErrConflict, "the host %s is taken by another account", host)
	}
	return reference.Refuse(reference.ErrConflict, "account %d has the host %s already, as domain %d", account, host, ids[0])
}
