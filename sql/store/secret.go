package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"integr8/pipeline/hit"
	sqlfiles "integr8/sql"
)

// Secret is what the database knows of a service secret, by its fingerprint.
// Times are nil for what has not happened.
type Secret struct {
	Fingerprint hit.Fingerprint `db:"fingerprint" json:"fingerprint"`
	FirstSeen   time.Time       `db:"first_seen" json:"first_seen"`
	// LastSeen is when a process last said that it has the secret, which
	// processes that run say every SecretsSeenEvery.
	LastSeen   time.Time  `db:"last_seen" json:"last_seen"`
	SignsSince *time.Time `db:"signs_since" json:"signs_since"`
	LastSigned *time.Time `db:"last_signed" json:"last_signed"`
	RetiredAt  *time.Time `db:"retired_at" json:"retired_at"`
}

// SecretsSeenEvery is how often a process is to call RegisterSecrets.
const SecretsSeenEvery = 5 * time.Minute

func (s Secret) known() hit.KnownSecret {
	known := hit.KnownSecret{Fingerprint: s.Fingerprint, Retired: s.RetiredAt != nil}
	if s.SignsSince != nil {
		known.SignsSince = *s.SignsSince
	}
	return known
}

// KnownSecrets states secrets in the terms of the rules.
func KnownSecrets(secrets []Secret) []hit.KnownSecret {
	known := make([]hit.KnownSecret, len(secrets))
	for i, secret := range secrets {
		known[i] = secret.known()
	}
	return known
}

// Secrets lists the service secrets that are known, the newest signer first.
func (s *Store) Secrets(ctx context.Context) ([]Secret, error) {
	secrets := []Secret{}
	if err := s.db.SelectContext(ctx, &secrets, sqlfiles.Query("service_secrets")); err != nil {
		return nil, fmt.Errorf("list the known service secrets: %w", err)
	}
	return secrets, nil
}

// RegisterSecrets records that a process has these secrets now, and signs with
// the first of them if signs is set. It returns all that are known then.
// It records nothing where the newest known signer is not among them: such a
// process must not sign. Callers take turns, so of two that come first with
// different secrets one is refused.
func (s *Store) RegisterSecrets(ctx context.Context, own []hit.Fingerprint, signs bool) ([]hit.KnownSecret, error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing, after a failure the failure counts
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('integr8 secrets'))"); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	var rows []Secret
	if err := tx.SelectContext(ctx, &rows, sqlfiles.Query("service_secrets")); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	known := KnownSecrets(rows)
	if newest, ok := hit.NewestSigner(known); ok && !slices.Contains(own, newest.Fingerprint) {
		return known, nil
	}
	signer := hit.Fingerprint("")
	if signs {
		signer = own[0]
	}
	statement := "see_secrets"
	if registers(known, own, signer) {
		statement = "register_secrets"
	}
	if _, err := tx.ExecContext(ctx, sqlfiles.Query(statement), pq.Array(own), signer); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	rows = nil
	if err := tx.SelectContext(ctx, &rows, sqlfiles.Query("service_secrets")); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	return KnownSecrets(rows), nil
}

// registers reports whether there is more to record than that the secrets were
// seen again, which no process need be notified of.
func registers(known []hit.KnownSecret, own []hit.Fingerprint, signer hit.Fingerprint) bool {
	inUse := map[hit.Fingerprint]bool{}
	for _, secret := range known {
		inUse[secret.Fingerprint] = !secret.Retired
	}
	for _, print := range own {
		if !inUse[print] {
			return true
		}
	}
	return signer != "" && !hit.Signs(known, signer)
}

// RetireSecret says that processes may do without a secret. It is in use again
// when a process registers it.
func (s *Store) RetireSecret(ctx context.Context, print hit.Fingerprint) (Secret, error) {
	var secret Secret
	err := s.db.GetContext(ctx, &secret, sqlfiles.Query("retire_secret"), print)
	if errors.Is(err, sql.ErrNoRows) {
		return Secret{}, refuse(ErrNotFound, "no process has ever had the secret %s", print)
	}
	if err != nil {
		return Secret{}, fmt.Errorf("retire service secret %s: %w", print, err)
	}
	return secret, nil
}
