package links

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// Store reads and creates tokens, and reads the objects that their links depend on.
type Store interface {
	// CreateToken adds a token to an account, for one offer, or with offer 0 for all,
	// and for one way in, or with an empty purpose for all. It increments the
	// generation, for which derive returns the token's digest. Concurrent callers get
	// different generations.
	CreateToken(ctx context.Context, account, offer int64, purpose hit.Kind, derive func(generation int64) token.Digest) (reference.StoredToken, error)
	Owner(ctx context.Context, object reference.Object, id int64) (int64, error)
	Token(ctx context.Context, account, id int64) (reference.StoredToken, error)
	Tokens(ctx context.Context, account int64) ([]reference.StoredToken, error)
	Offer(ctx context.Context, account, id int64) (reference.StoredOffer, error)
	Offers(ctx context.Context, account int64) ([]reference.StoredOffer, error)
	Domains(ctx context.Context, account int64) ([]reference.Domain, error)
}

// Tokens are the use cases on secure tokens that show the secret.
type Tokens struct {
	Store Store
	// Keys derive the tokens. The first signs, and each can show those that it signed.
	Keys token.Keys
	Base Base

	// masked has Mask stand for each token.
	masked bool
}

// Mask stands where a secret is hidden. As a placeholder it cannot be anybody's token.
const Mask = "TOKEN"

// Create adds a token to an account, for one offer, or with offer 0 for all, and for
// one way in, or with an empty purpose for all. It returns the token with the URL of
// its way in; for a token that serves every way, that of the postback. Older tokens of
// the same scope stay valid, so that URLs can be changed one by one.
func (t Tokens) Create(ctx context.Context, account, offer int64, purpose hit.Kind) (reference.Token, reference.Warnings, error) {
	var secure string
	created, err := t.Store.CreateToken(ctx, account, offer, purpose, func(generation int64) token.Digest {
		secure = t.Keys.TokenFor(string(purpose), account, offer, generation)
		return token.DigestOf(secure)
	})
	if err != nil {
		return reference.Token{}, nil, err
	}
	shown := created.Shown()
	shown.Token = secure
	var warnings reference.Warnings
	shown.URL, warnings, err = t.urlFor(ctx, created.Token, secure)
	return shown, warnings, err
}

// Created returns a token of an account as Create returned it. The error is that of Show
// for a token that cannot be derived again.
func (t Tokens) Created(ctx context.Context, account, id int64) (reference.Token, error) {
	one, err := t.Store.Token(ctx, account, id)
	if err != nil {
		return reference.Token{}, err
	}
	shown := one.Shown()
	var problem string
	if shown.Token, problem = t.recover(one); problem != "" {
		return reference.Token{}, cannotBeShown(account, problem)
	}
	shown.URL, _, err = t.urlFor(ctx, one.Token, shown.Token)
	return shown, err
}

// cannotBeShown is the error for a token that cannot be derived again.
func cannotBeShown(account int64, problem string) error {
	return failure.WithHint(reference.Refuse(reference.ErrNotFound, "%s", problem), "make a new one: "+reference.CreateTokenCommand(account, 0, ""))
}

// urlFor returns the URL of the token's way in.
func (t Tokens) urlFor(ctx context.Context, of attribution.Token, secure string) (string, reference.Warnings, error) {
	n, err := needsOf(ctx, t.Store, of)
	if err != nil {
		return "", nil, err
	}
	switch of.Purpose {
	case hit.Clickless:
		return t.Base.clickless(secure, of.OfferID, n), nil, nil
	case hit.Pixel:
		return t.pixelFor(ctx, of, secure, n)
	default:
		return t.Base.postback(secure, n), nil, nil
	}
}

// pixelFor returns the address of a pixel on the account's first tracking domain. It
// warns when the pixel does not convert for some offers, and when there is no domain
// yet.
func (t Tokens) pixelFor(ctx context.Context, of attribution.Token, secure string, n needs) (string, reference.Warnings, error) {
	var warnings reference.Warnings
	if refused := n.refused(of.Purpose); refused != "" {
		warnings = append(warnings, refused)
	}
	domains, err := t.Store.Domains(ctx, of.AccountID)
	if err != nil {
		return "", warnings, err
	}
	host := t.Base.URL.Hostname()
	if len(domains) > 0 {
		host = domains[0].Host
	} else {
		warnings = append(warnings, fmt.Sprintf("account %d has no tracking domain, and pixels are served on one only: `integr8 domain create --account %d --host HOST`",
			of.AccountID, of.AccountID))
	}
	return t.Base.pixel(host, secure, of.Purpose, n), warnings, nil
}

// Shown is one token, ready to paste.
type Shown struct {
	Scope
	// HasDomain is set when the account has a tracking domain. Without one there is no
	// pixel.
	HasDomain bool `json:"-"`
}

// Show returns one token of an account (0: of the account that has it). It returns an
// error for a token that cannot be derived again.
func (t Tokens) Show(ctx context.Context, account, id int64) (Shown, error) {
	if account == 0 {
		var err error
		if account, err = t.Store.Owner(ctx, reference.TokenObject, id); err != nil {
			return Shown{}, err
		}
	}
	one, err := t.Store.Token(ctx, account, id)
	if err != nil {
		return Shown{}, err
	}
	domains, err := t.Store.Domains(ctx, account)
	if err != nil {
		return Shown{}, err
	}
	n, err := needsOf(ctx, t.Store, one.Token)
	if err != nil {
		return Shown{}, err
	}
	shown := t.scope([]reference.StoredToken{one}, domains, n)
	if shown.Problem != "" {
		return Shown{}, cannotBeShown(account, shown.Problem)
	}
	return Shown{shown, len(domains) > 0}, nil
}

// ShowMasked is Show with Mask for the token.
func (t Tokens) ShowMasked(ctx context.Context, account, id int64) (Shown, error) {
	t.masked = true
	return t.Show(ctx, account, id)
}

// Current holds the current tokens of an account; Global is null when there is none.
type Current struct {
	AccountID int64   `json:"account_id"`
	Global    *Scope  `json:"global"`
	Offers    []Scope `json:"offers"`
	// HasDomain is as in Shown.
	HasDomain bool `json:"-"`
}

// Current returns the current tokens of an account, the newest for each scope and
// purpose: the global ones, and the offer-level ones of one offer, or with offer 0 of
// all. A token that cannot be derived again has a Problem.
func (t Tokens) Current(ctx context.Context, account, offer int64) (Current, error) {
	return t.current(ctx, account, offer, offer == 0)
}

// Masked is Current with Mask for each token. With offer 0 it returns the global ones
// alone.
func (t Tokens) Masked(ctx context.Context, account, offer int64) (Current, error) {
	t.masked = true
	return t.current(ctx, account, offer, false)
}

// current returns the current tokens, with all the account's offers or with one at most.
func (t Tokens) current(ctx context.Context, account, offer int64, all bool) (Current, error) {
	tokens, err := t.Store.Tokens(ctx, account)
	if err != nil {
		return Current{}, err
	}
	if offer != 0 {
		if _, err := t.Store.Offer(ctx, account, offer); err != nil {
			return Current{}, err
		}
	}
	domains, err := t.Store.Domains(ctx, account)
	if err != nil {
		return Current{}, err
	}
	current := Current{AccountID: account, Offers: []Scope{}, HasDomain: len(domains) > 0}
	for _, scope := range currentTokens(tokens, time.Now()) {
		of := scope[0].OfferID
		if of != 0 && of != offer && !all {
			continue
		}
		n, err := needsOf(ctx, t.Store, scope[0].Token)
		if err != nil {
			return Current{}, err
		}
		shown := t.scope(scope, domains, n)
		if of == 0 {
			current.Global = &shown
		} else {
			current.Offers = append(current.Offers, shown)
		}
	}
	return current, nil
}
