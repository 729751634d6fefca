package reference

import (
	"strings"
	"time"

	"integr8/pipeline/hit"
)

// TokenForm is a token to be created, in JSON.
type TokenForm struct {
	Offer int64    `json:"offer,omitempty" minimum:"1" doc:"Make it an offer-level token, which converts this offer only. Default every offer of the account."`
	For   hit.Kind `json:"for,omitempty" enum:"postback,pixel,clickless" doc:"The only way in that it serves. Default every way in."`
}

// TokenImportForm is a token of another system, in JSON.
type TokenImportForm struct {
	Token Secret   `json:"token" maxLength:"8192" doc:"The token itself. Only its SHA-256 is stored, and no answer repeats it."`
	Offer int64    `json:"offer,omitempty" minimum:"1" doc:"Make it an offer-level token, which converts this offer only. Default every offer of the account."`
	For   hit.Kind `json:"for,omitempty" enum:"postback,pixel,clickless" doc:"The only way in that it serves. Default every way in."`
	Force bool     `json:"force,omitempty" doc:"Import it even where it is easier to guess than a token should be."`
}

// Import returns the token of an account.
func (f TokenImportForm) Import(account int64) TokenImport {
	return TokenImport{Account: account, Offer: f.Offer, Purpose: f.For, Secure: strings.TrimSpace(string(f.Token)), Force: f.Force}
}

// TokenEditForm is a change of a token, in JSON.
type TokenEditForm struct {
	ValidUntil string `json:"valid_until" minLength:"1" maxLength:"50" doc:"Last moment at which it is taken: a time (RFC 3339), the beginning of a day (2026-03-14), now, or never for no end. UTC."`
}

// Deadline returns until when the token is to be valid; the zero time means for ever. The
// error matches ErrInvalid.
func (f TokenEditForm) Deadline() (time.Time, error) {
	until, err := ParseDeadline(f.ValidUntil, time.Now())
	return until, At("valid_until", err)
}
