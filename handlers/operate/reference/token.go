package reference

import (
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// StoredToken is a token as it is stored: without the token itself.
type StoredToken struct {
	attribution.Token
	// Generation is the generation for which the token was derived, from 1; 0 for an
	// imported token, which cannot be shown again.
	Generation int64
	Digest     token.Digest
	CreatedAt  time.Time
}

// Token is a token in the form that is shown: without the secret, except in the use
// cases that show it.
type Token struct {
	ID        int64 `json:"id"`
	AccountID int64 `json:"account_id"`
	// Offer is null for a global token.
	Offer *int64 `json:"offer"`
	Scope Scope  `json:"scope"`
	// Purpose is the only way in that it serves; null for every way.
	Purpose *hit.Kind `json:"purpose"`
	// Generation is null for an imported token.
	Generation *int64     `json:"generation"`
	ValidUntil *time.Time `json:"valid_until"`
	CreatedAt  time.Time  `json:"created_at"`
	Token      string     `json:"token,omitempty"`
	URL        string     `json:"url,omitempty"`
}

// Scope says which offers a token converts. Its values are named like the routes of
// hits.
type Scope string

// The scopes.
const (
	GlobalScope Scope = "global"
	OfferScope  Scope = "offer"
)

// Shown returns the token in the form that is shown, without the secret.
func (t StoredToken) Shown() Token {
	shown := Token{
		ID:         t.ID,
		AccountID:  t.AccountID,
		Offer:      orNull(t.OfferID),
		Scope:      GlobalScope,
		Purpose:    orNull(t.Purpose),
		Generation: orNull(t.Generation),
		CreatedAt:  t.CreatedAt,
	}
	if t.OfferID != 0 {
		shown.Scope = OfferScope
	}
	if !t.ValidUntil.IsZero() {
		shown.ValidUntil = &t.ValidUntil
	}
	return shown
}

// orNull returns nil for the zero value.
func orNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
