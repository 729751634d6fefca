package secrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/token"
)

// Store has the record of the secrets.
type Store interface {
	// Secrets lists those that processes have had: the newest signer first, then those
	// that only verify.
	Secrets(ctx context.Context) ([]Secret, error)
	// RetireSecret records that processes may run without a secret. The error matches
	// reference.ErrNotFound where no process has ever had it.
	RetireSecret(ctx context.Context, print token.Fingerprint) (Secret, error)
	// Now is the clock by which secrets are seen.
	Now(ctx context.Context) (time.Time, error)
}

// Secrets are the use cases on service secrets.
type Secrets struct {
	Store Store
	// Own are the secrets of the caller, in their order: the first one signs. Without
	// them no secret has a place here.
	Own []token.Fingerprint
}

// Listed is a secret of a list.
type Listed struct {
	Secret
	// Here is the secret's place in the INTEGR8_SECRET of the caller.
	Here Place `json:"here"`
}

// List returns the secrets that processes have had, the newest signer first.
func (s Secrets) List(ctx context.Context) ([]Listed, error) {
	known, err := s.Store.Secrets(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Listed, len(known))
	for i, secret := range known {
		list[i] = Listed{Secret: secret, Here: PlaceOf(s.Own, secret.Fingerprint)}
	}
	return list, nil
}

// inUse is how long after a process had a secret it may have it still: it may miss two
// registrations.
const inUse = 3 * SeenEvery

// Retire records that processes may run without a secret: its transaction_ids are then
// refused. It refuses one that a process may still have, unless forced. A secret that a
// process registers again is in use again.
func (s Secrets) Retire(ctx context.Context, print token.Fingerprint, force bool) (Secret, error) {
	if !force {
		if err := s.checkUnused(ctx, print); err != nil {
			return Secret{}, err
		}
	}
	retired, err := s.Store.RetireSecret(ctx, print)
	if errors.Is(err, reference.ErrNotFound) {
		return Secret{}, failure.WithHint(err, "list the fingerprints: `integr8 secret list`")
	}
	return retired, err
}

// checkUnused refuses a secret that a process had just now.
func (s Secrets) checkUnused(ctx context.Context, print token.Fingerprint) error {
	known, err := s.Store.Secrets(ctx)
	if err != nil {
		return err
	}
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	for _, secret := range known {
		if secret.Fingerprint == print && now.Sub(secret.LastSeen) < inUse {
			return failure.WithHint(fmt.Errorf("a process had the secret %s at %s", print, operate.Clock(secret.LastSeen)),
				fmt.Sprintf("take it out of INTEGR8_SECRET, restart every process, wait %s, or use `--force`", inUse))
		}
	}
	return nil
}
