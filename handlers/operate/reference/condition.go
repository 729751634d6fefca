package reference

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Condition is a condition of a change of reference data. The store looks at it in the
// transaction of the change, in which nobody else changes anything.
type Condition struct {
	// Version is the one that the object must have to be edited; empty for any.
	Version string
	// Creation makes a creation happen only once; nil where each creates.
	Creation *Creation
}

// Creation names the request that creates an object, so that the same request, sent again
// because its answer was lost, creates nothing. A store keeps it for CreationKept.
type Creation struct {
	Account int64
	// Key is the digest of the name that the sender gave the request, and Request that of
	// the request.
	Key, Request [sha256.Size]byte
}

// NewCreation names a request of an account.
func NewCreation(account int64, object Object, key string, request any) (*Creation, error) {
	encoded, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("encode a request: %w", err)
	}
	return &Creation{Account: account, Key: sha256.Sum256([]byte(key)), Request: sha256.Sum256(fmt.Appendf(nil, "%s %s", object, encoded))}, nil
}

// CreatedBeforeError means that the request has created an object already.
type CreatedBeforeError struct{ ID int64 }

// Error is a sentence.
func (e *CreatedBeforeError) Error() string {
	return fmt.Sprintf("the request was sent before, and created %d", e.ID)
}

var (
	// ErrOtherRequest means that the name of a request was given to another one before.
	ErrOtherRequest = errors.New("another request had this Idempotency-Key within a day")
	// ErrChanged means that an object has not the version that it must have.
	ErrChanged = errors.New("it was changed since it was read")
)

// conditionKey is the key of a Condition in a context.
type conditionKey struct{}

// Under returns a context in which changes of reference data have a condition.
func Under(ctx context.Context, condition Condition) context.Context {
	return context.WithValue(ctx, conditionKey{}, condition)
}

// ConditionOf returns the condition of Under; the zero one where there is none.
func ConditionOf(ctx context.Context) Condition {
	condition, _ := ctx.Value(conditionKey{}).(Condition)
	return condition
}

// VersionOf returns a text that changes with what an object shows. That of an offer does
// not depend on its tracking link, which settings determine.
func VersionOf(object any) string {
	if offer, ok := object.(Offer); ok {
		offer.TrackingLink = ""
		object = offer
	}
	encoded, err := json.Marshal(object)
	if err != nil {
		return "" // no object of this package fails, and no version is empty
	}
	digest := sha256.Sum256(encoded)
	return hex.EncodeToString(digest[:16])
}
