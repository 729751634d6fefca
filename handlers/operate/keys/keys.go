package keys

import (
	"context"
	"errors"
	"slices"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
)

// Store holds keys.
type Store interface {
	// CreateKey adds a key. The error is a reference.NotFoundError when there is no such
	// account.
	CreateKey(ctx context.Context, key NewKey, prefix string, digest token.Digest) (Key, error)
	// Keys lists the keys of an account (0: of all, and those of operators) by id.
	Keys(ctx context.Context, account int64) ([]Key, error)
	// UseKey returns the key with a digest, and writes that it is used; false when there
	// is none, or when it is revoked.
	UseKey(ctx context.Context, digest token.Digest) (Key, bool, error)
	// RevokeKey revokes a key of an account (0: any key). It may be called again.
	RevokeKey(ctx context.Context, account, id int64) (Key, error)
}

// Keys are the use cases on keys.
type Keys struct{ Store Store }

// NewKey is a key to be created.
type NewKey struct {
	// Account is the only one that the key opens; 0 for an operator's key.
	Account int64
	Role    Role
	// Name says for people what the key is for.
	Name string
}

// Create adds a key and returns it with its text, which cannot be shown again.
func (k Keys) Create(ctx context.Context, key NewKey) (Key, error) {
	var err error
	if key.Name, err = reference.CleanName(key.Name); err != nil {
		return Key{}, err
	}
	if !slices.Contains(Roles(), key.Role) {
		return Key{}, reference.At("role", reference.Refuse(reference.ErrInvalid, "%q is no role: it is read, operate or admin", key.Role))
	}
	text := newText()
	created, err := k.Store.CreateKey(ctx, key, text[:prefixLength], token.DigestOf(text))
	if err != nil {
		return Key{}, err
	}
	created.Key = text
	return created, nil
}

// Filter matches keys; a zero field matches all.
type Filter struct {
	Account  int64
	Operator bool // only those of operators
	Current  bool // only those that are not revoked
}

// List returns the keys that match the filter, by id.
func (k Keys) List(ctx context.Context, filter Filter) ([]Key, error) {
	all, err := k.Store.Keys(ctx, filter.Account)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(key Key) bool {
		return filter.Operator && key.AccountID != nil || filter.Current && key.RevokedAt != nil
	}), nil
}

// Show returns one key. The error is a reference.NotFoundError when the account (0: any) has
// no such key.
func (k Keys) Show(ctx context.Context, account, id int64) (Key, error) {
	all, err := k.Store.Keys(ctx, account)
	if err != nil {
		return Key{}, err
	}
	at := slices.IndexFunc(all, func(key Key) bool { return key.ID == id })
	if at < 0 {
		return Key{}, &reference.NotFoundError{Object: reference.KeyObject, ID: id, Account: account}
	}
	return all[at], nil
}

// Revoke makes a key open nothing, from its next use on. A key that is revoked already
// keeps its time.
func (k Keys) Revoke(ctx context.Context, account, id int64) (Key, error) {
	return k.Store.RevokeKey(ctx, account, id)
}

// ErrUnknown means that a text is no key, or one that is revoked.
var ErrUnknown = errors.New("the key is not known, or it is revoked")

// Use returns the key of a request, and writes that it is used. The error matches
// ErrUnknown, or is that of the store; it never repeats the text.
func (k Keys) Use(ctx context.Context, text string) (Key, error) {
	if !IsWellFormed(text) {
		return Key{}, ErrUnknown
	}
	key, known, err := k.Store.UseKey(ctx, token.DigestOf(text))
	switch {
	case err != nil:
		return Key{}, err
	case !known:
		return Key{}, ErrUnknown
	default:
		return key, nil
	}
}
