package schema

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Store has the schema.
type Store interface {
	// Migrate applies what is missing and returns the versions that it applied, beside an
	// error those before it. The error is a LockedError where a further call continues.
	Migrate(ctx context.Context) ([]int64, error)
}

// LockedError means that another session, such as a backup, holds a lock that a change of
// the schema needs.
type LockedError struct{ Err error }

// Error is that of the change.
func (e *LockedError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the change.
func (e *LockedError) Unwrap() error { return e.Err }

// Migrated says what a migration did.
type Migrated struct {
	// Applied are the versions that were applied, in their order.
	Applied []int64 `json:"applied"`
}

// again is how long a migration waits that could not have its lock. A try takes a second,
// in which all who need the table wait behind it.
const again = time.Minute

// Migrate brings the schema up to date. Any number of processes may do so at once. It
// waits for a lock that others hold, until ctx ends: before each wait it calls locked with
// the error and the time to the next try.
func Migrate(ctx context.Context, store Store, locked func(err error, again time.Duration)) (Migrated, error) {
	migrated := Migrated{Applied: []int64{}}
	for {
		applied, err := store.Migrate(ctx)
		migrated.Applied = append(migrated.Applied, applied...)
		var held *LockedError
		if !errors.As(err, &held) {
			return migrated, err
		}
		locked(held, again)
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return migrated, fmt.Errorf("wait for a lock: %w", ctx.Err())
		}
	}
}
