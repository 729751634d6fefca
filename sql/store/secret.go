package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/secrets"
	"integr8/pipeline/token"
)

// Secrets lists the service secrets that are known, the newest signer first.
func (s *Store) Secrets(ctx context.Context) ([]secrets.Secret, error) {
	known := []secrets.Secret{}
	if err := selectRows(ctx, s.db, &known, "secrets/list", nil); err != nil {
		return nil, fmt.Errorf("list the known service secrets: %w", err)
	}
	return known, nil
}

// RegisterSecrets records that a process has these secrets now, and signs with
// the first of them if signs is set. It returns all known secrets. A process is to call it
// every secrets.SeenEvery.
// It records nothing when the newest known signer is not among them: such a
// process must not sign. Calls run one after the other, so when the first two processes
// have different secrets, only one of them may sign.
func (s *Store) RegisterSecrets(ctx context.Context, own []token.Fingerprint, signs bool) ([]token.KnownSecret, error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	defer tx.Rollback() // after a commit it does nothing, after a failure the failure counts
	if _, err := execute(ctx, tx, "secrets/lock", nil); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	var rows []secrets.Secret
	if err := selectRows(ctx, tx, &rows, "secrets/list", nil); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	known := secrets.Known(rows)
	if newest, ok := token.NewestSigner(known); ok && !slices.Contains(own, newest.Fingerprint) {
		return known, nil
	}
	signer := token.Fingerprint("")
	if signs {
		signer = own[0]
	}
	statement := "secrets/see"
	if registers(known, own, signer) {
		statement = "secrets/register"
	}
	if _, err := execute(ctx, tx, statement, args{"fingerprints": pq.Array(own), "signer": signer}); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	rows = nil
	if err := selectRows(ctx, tx, &rows, "secrets/list", nil); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("register service secrets: %w", err)
	}
	return secrets.Known(rows), nil
}

// registers reports whether anything changes except LastSeen. Other processes need no
// notification when only LastSeen changes.
func registers(known []token.KnownSecret, own []token.Fingerprint, signer token.Fingerprint) bool {
	inUse := map[token.Fingerprint]bool{}
	for _, secret := range known {
		inUse[secret.Fingerprint] = !secret.Retired
	}
	for _, print := range own {
		if !inUse[print] {
			return true
		}
	}
	return signer != "" && !token.Signs(known, signer)
}

// RetireSecret records that processes may run without a secret. When a process registers
// it again, it is in use again.
func (s *Store) RetireSecret(ctx context.Context, print token.Fingerprint) (secrets.Secret, error) {
	var secret secrets.Secret
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		var before []secrets.Secret
		if err := selectRows(ctx, tx, &before, "secrets/list", nil); err != nil {
			return history.Change{}, err
		}
		err := selectRow(ctx, tx, &secret, "secrets/retire", args{"fingerprint": print})
		change := history.Change{Noun: history.Secret, ObjectID: string(print), Act: history.Retire, New: history.Fields{"retired_at": secret.RetiredAt}}
		for _, one := range before {
			if one.Fingerprint == print {
				change.Old = history.Fields{"retired_at": one.RetiredAt}
			}
		}
		return change, err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return secrets.Secret{}, reference.Refuse(reference.ErrNotFound, "no process has ever had the secret %s", print)
	}
	if err != nil {
		return secrets.Secret{}, fmt.Errorf("retire service secret %s: %w", print, err)
	}
	return secret, nil
}
