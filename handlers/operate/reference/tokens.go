package reference

import (
	"context"
	"time"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// TokenStore stores tokens, of which it knows only the digests.
type TokenStore interface {
	NamedStore
	// ImportToken adds a token of which only the digest is known, for one offer, or with
	// offer 0 for all of the account, and for one way in, or with an empty purpose for
	// all. The error matches ErrConflict when the token is already known.
	ImportToken(ctx context.Context, account, offer int64, purpose hit.Kind, digest token.Digest) (StoredToken, error)
	Tokens(ctx context.Context, account int64) ([]StoredToken, error)
	Token(ctx context.Context, account, id int64) (StoredToken, error)
	// EditToken sets until when a token is valid; the zero time means for ever.
	EditToken(ctx context.Context, account, id int64, validUntil time.Time) (StoredToken, error)
	// Now returns the time of the clock by which tokens end.
	Now(ctx context.Context) (time.Time, error)
}

// Tokens are the use cases on secure tokens that do not show the secret. See package
// links for those that do.
type Tokens struct{ Store TokenStore }

// TokenImport is a token of another system.
type TokenImport struct {
	Account int64
	Offer   int64    // the only one that it converts; 0 for all of the account
	Purpose hit.Kind // the only way in that it serves; empty for every way
	Secure  string   // the token itself, which is not stored
	// Force accepts a token that is easier to guess than it should be.
	Force bool
}

// Import adds a token of another system. Only its digest is stored, and no error
// repeats the token.
func (t Tokens) Import(ctx context.Context, from TokenImport) (Token, error) {
	instead := CreateTokenCommand(from.Account, from.Offer, from.Purpose)
	if err := checkImported(from.Secure); err != nil {
		return Token{}, At("token", failure.WithHint(err, "give the advertiser a generated one: "+instead))
	}
	if err := checkStrength(from.Secure); err != nil && !from.Force {
		return Token{}, At("token", failure.WithHint(err,
			"give the advertiser a generated one ("+instead+"), or add `--force` while the old URLs are still in use"))
	}
	imported, err := t.Store.ImportToken(ctx, from.Account, from.Offer, from.Purpose, token.DigestOf(from.Secure))
	if err != nil {
		return Token{}, err
	}
	return imported.Shown(), nil
}

// TokenFilter matches tokens; a zero field matches all.
type TokenFilter struct {
	Account, Offer int64
	Global         bool     // only global ones
	Serves         hit.Kind // only those that serve this way in
	Current        bool     // only those that are still valid
}

// List returns the tokens that match the filter, by id.
func (t Tokens) List(ctx context.Context, filter TokenFilter) ([]Token, error) {
	if err := (Named{Account: filter.Account, Offer: filter.Offer}).Check(ctx, t.Store); err != nil {
		return nil, err
	}
	stored, err := t.Store.Tokens(ctx, filter.Account)
	if err != nil {
		return nil, err
	}
	now, err := t.Store.Now(ctx)
	if err != nil {
		return nil, err
	}
	tokens := []Token{}
	for _, one := range stored {
		if (filter.Offer == 0 || filter.Offer == one.OfferID) && (!filter.Global || one.OfferID == 0) &&
			(filter.Serves == "" || one.Serves(filter.Serves)) &&
			(!filter.Current || one.ValidUntil.IsZero() || one.ValidUntil.After(now)) {
			tokens = append(tokens, one.Shown())
		}
	}
	return tokens, nil
}

// Show returns one token.
func (t Tokens) Show(ctx context.Context, account, id int64) (Token, error) {
	account, err := ownerOf(ctx, t.Store, TokenObject, account, id)
	if err != nil {
		return Token{}, err
	}
	stored, err := t.Store.Token(ctx, account, id)
	if err != nil {
		return Token{}, err
	}
	return stored.Shown(), nil
}

// Edit sets until when a token is valid; the zero time means for ever.
func (t Tokens) Edit(ctx context.Context, account, id int64, validUntil time.Time) (Token, error) {
	account, err := ownerOf(ctx, t.Store, TokenObject, account, id)
	if err != nil {
		return Token{}, err
	}
	edited, err := t.Store.EditToken(ctx, account, id, validUntil)
	if err != nil {
		return Token{}, err
	}
	return edited.Shown(), nil
}
