package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"golang.org/x/net/idna"

	sqlfiles "integr8/sql"
)

// Domain is a custom tracking domain: the host that an account's pixels are
// served from.
type Domain struct {
	ID        int64     `db:"id" json:"id"`
	AccountID int64     `db:"account_id" json:"account_id"`
	Host      string    `db:"host" json:"host"`
	CreatedAt time.Time `db:"created_at" json:"created_at"`
}

// hostProfile is idna.Lookup that also refuses names that DNS cannot hold.
var hostProfile = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// NormalizeHost returns the form in which a host is stored and looked up: lower
// case, without port and trailing dot, international names in their ASCII
// (xn--) form. The error matches ErrInvalid.
func NormalizeHost(text string) (string, error) {
	host := strings.TrimSpace(text)
	if strings.ContainsAny(host, "/?#@ ") || !utf8.ValidString(host) {
		return "", refuse(ErrInvalid, "%q is not a host: give the name alone, such as track.example.com", text)
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ascii, err := hostProfile.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || strings.HasSuffix(ascii, ".") {
		return "", refuse(ErrInvalid, "%q is not a host name such as track.example.com", text)
	}
	return ascii, nil
}

// CreateDomain gives an account a tracking domain. A host belongs to one
// account at most.
func (s *Store) CreateDomain(ctx context.Context, account int64, host string) (Domain, error) {
	var domain Domain
	host, err := NormalizeHost(host)
	if err != nil {
		return domain, err
	}
	err = s.inTurn(ctx, func(tx *sqlx.Tx) error {
		return tx.GetContext(ctx, &domain, sqlfiles.Query("create_domain"), account, host)
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

// Domains lists the tracking domains of an account (0: of all) by id.
func (s *Store) Domains(ctx context.Context, account int64) ([]Domain, error) {
	return listed[Domain](ctx, s, "domains",
		"SELECT * FROM domains WHERE $1::bigint = 0 OR account_id = $1::bigint ORDER BY id", account)
}

// Domain returns one tracking domain of the account, or a NotFoundError.
func (s *Store) Domain(ctx context.Context, account, id int64) (Domain, error) {
	var domain Domain
	err := s.db.GetContext(ctx, &domain, "SELECT * FROM domains WHERE account_id = $1::bigint AND id = $2::bigint", account, id)
	return domain, found(err, DomainObject, account, id)
}

// EditDomain changes a domain's host.
func (s *Store) EditDomain(ctx context.Context, account, id int64, host string) (Domain, error) {
	var domain Domain
	host, err := NormalizeHost(host)
	if err != nil {
		return domain, err
	}
	err = s.db.GetContext(ctx, &domain,
		"UPDATE domains SET host = $3::text WHERE account_id = $1::bigint AND id = $2::bigint RETURNING *", account, id, host)
	if isUniqueViolation(err) {
		return domain, s.hostTaken(ctx, account, host)
	}
	return domain, found(err, DomainObject, account, id)
}

// hostTaken says whether the account itself has the host; whose else it is
// stays with the other account.
func (s *Store) hostTaken(ctx context.Context, account int64, host string) error {
	var ids []int64
	err := s.db.SelectContext(ctx, &ids, "SELECT id FROM domains WHERE account_id = $1::bigint AND host = $2::text", account, host)
	if err != nil {
		return fmt.Errorf("find domain %s: %w", host, err)
	}
	if len(ids) == 0 {
		return refuse(ErrConflict, "the host %s is taken by another account", host)
	}
	return refuse(ErrConflict, "account %d has the host %s already, as domain %d", account, host, ids[0])
}
