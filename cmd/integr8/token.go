package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Create a secure token and print its postback URL."`
	Import tokenImportCommand `cmd:"" time:"long" help:"Take over a token of another system. It is read from standard input, and only its SHA-256 is stored."`
	List   tokenListCommand   `cmd:"" help:"List an account's tokens, without the secrets."`
	Show   tokenShowCommand   `cmd:"" help:"Print postback URL, pixel tag and clickless URL, ready to paste."`
	Edit   tokenEditCommand   `cmd:"" help:"Say until when a token is valid."`
}

// tokenView is a token as it is answered; the token itself only where the
// command is there to show it.
type tokenView struct {
	ID        int64 `json:"id"`
	AccountID int64 `json:"account_id"`
	// Offer is null for a global token.
	Offer *int64 `json:"offer"`
	Scope string `json:"scope"`
	// Purpose is the only way in that it serves; null for every way.
	Purpose *attribution.Method `json:"purpose"`
	// Generation is null for an imported token.
	Generation *int64     `json:"generation"`
	ValidUntil *time.Time `json:"valid_until"`
	CreatedAt  time.Time  `json:"created_at"`
	Token      string     `json:"token,omitempty"`
	URL        string     `json:"url,omitempty"`
}

// The scopes of a token, as the routes of hits are named.
const (
	scopeGlobal = "global"
	scopeOffer  = "offer"
)

func viewToken(token store.Token) tokenView {
	view := tokenView{
		ID:         token.ID,
		AccountID:  token.AccountID,
		Offer:      given(token.OfferID),
		Scope:      scopeGlobal,
		Purpose:    given(token.Purpose),
		Generation: given(token.Generation),
		CreatedAt:  token.CreatedAt,
	}
	if token.OfferID != 0 {
		view.Scope = scopeOffer
	}
	if !token.ValidUntil.IsZero() {
		view.ValidUntil = &token.ValidUntil
	}
	return view
}

func tokenTable(views ...tokenView) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "OFFER", "FOR", "ORIGIN", "VALID UNTIL", "CREATED")
		for _, view := range views {
			origin, until := "imported", "for ever"
			if view.Generation != nil {
				origin = fmt.Sprintf("generation %d", *view.Generation)
			}
			if view.ValidUntil != nil {
				until = clock(*view.ValidUntil)
			}
			var offer any = "all (global)"
			if view.Offer != nil {
				offer = *view.Offer
			}
			t.row(view.ID, view.AccountID, offer, purposeInWords(view.Purpose), origin, until, clock(view.CreatedAt))
		}
	}
}

type tokenCreateCommand struct {
	output
	Account int64 `required:"" placeholder:"ID" help:"Account that the token speaks for."`
	Offer   int64 `placeholder:"ID" help:"Make it an offer-level token, which converts this offer only."`
	tokenPurpose
}

// tokenPurpose is the flag that says what a token is for.
type tokenPurpose struct {
	For attribution.Method `default:"" enum:",postback,pixel,clickless" placeholder:"postback|pixel|clickless" help:"The only way in that the token serves. pixel: it may be read by anybody, and fires an offer's fixed terms only. clickless: the revenue and payout that are sent with it count. Without: every way in."`
}

func purposeInWords(purpose *attribution.Method) string {
	if purpose == nil {
		return "every way in"
	}
	return string(*purpose)
}

// Run creates a token. The older ones of the same scope stay valid until
// token edit says otherwise, so that URLs can be changed one by one.
func (c *tokenCreateCommand) Run(ctx context.Context, app *app) error {
	keys, err := app.settings.keys()
	if err != nil {
		return err
	}
	base, err := app.settings.publicURL()
	if err != nil {
		return err
	}
	db, err := app.store()
	if err != nil {
		return err
	}
	var secure string
	token, err := db.CreateToken(ctx, c.Account, c.Offer, c.For, func(generation int64) hit.Digest {
		secure = keys.TokenFor(hit.Kind(c.For), c.Account, c.Offer, generation)
		return hit.DigestOf(secure)
	})
	if err != nil {
		return err
	}
	view := viewToken(token)
	view.Token = secure
	if view.URL, err = app.urlFor(ctx, db, base, token.Token, secure); err != nil {
		return err
	}
	return c.print(app, view, func(t *table) {
		t.row("id", view.ID)
		t.row("scope", scopeInWords(token.Token))
		t.row("for", purposeInWords(view.Purpose))
		t.row("token", view.Token)
		t.row("url", view.URL)
	})
}

// urlFor returns the URL of the way in that a token is for; that of the postback
// where it is for every way.
func (a *app) urlFor(ctx context.Context, db *store.Store, base *url.URL, token attribution.Token, secure string) (string, error) {
	n, err := needsOf(ctx, db, token)
	if err != nil {
		return "", err
	}
	switch token.Purpose {
	case attribution.ByClickless:
		return clicklessURL(base, secure, token.OfferID, n), nil
	case attribution.ByPixel:
		if refused := n.refused(token.Purpose); refused != "" {
			a.warn("%s", refused)
		}
		domains, err := db.Domains(ctx, token.AccountID)
		if err != nil {
			return "", err
		}
		if len(domains) == 0 {
			a.warn("account %d has no tracking domain, and pixels are served on one only: integr8 domain create --account %d --host HOST",
				token.AccountID, token.AccountID)
			return pixelURL(base, base.Hostname(), secure, token.Purpose, n), nil
		}
		return pixelURL(base, domains[0].Host, secure, token.Purpose, n), nil
	default:
		return postbackURL(base, secure, n), nil
	}
}

func scopeInWords(token attribution.Token) string {
	if token.OfferID == 0 {
		return fmt.Sprintf("global: every offer of account %d", token.AccountID)
	}
	return fmt.Sprintf("offer-level: offer %d only", token.OfferID)
}

type tokenListCommand struct {
	output
	ofAccounts
	Offer   int64              `xor:"scope" placeholder:"ID" help:"Only the offer-level tokens of this offer."`
	Global  bool               `xor:"scope" help:"Only global tokens."`
	For     attribution.Method `default:"" enum:",postback,pixel,clickless" placeholder:"postback|pixel|clickless" help:"Only those that serve this way in: made for it, or for every way."`
	Current bool               `help:"Only those that are still valid."`
}

// Run lists the tokens.
func (c *tokenListCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	if err := (named{account: c.Account, offer: c.Offer}).check(ctx, db); err != nil {
		return err
	}
	tokens, err := db.Tokens(ctx, c.Account)
	if err != nil {
		return err
	}
	now, err := db.Now(ctx)
	if err != nil {
		return err
	}
	tokens = only(tokens, func(token store.Token) bool {
		return (c.Offer == 0 || c.Offer == token.OfferID) && (!c.Global || token.OfferID == 0) &&
			(c.For == "" || token.Serves(c.For)) && (!c.Current || token.ValidUntil.IsZero() || token.ValidUntil.After(now))
	})
	views := []tokenView{}
	for _, token := range tokens {
		views = append(views, viewToken(token))
	}
	return c.print(app, views, tokenTable(views...))
}

type tokenEditCommand struct {
	output
	ofAccount
	ID         int64    `arg:"" help:"Number of the token."`
	ValidUntil deadline `required:"" placeholder:"TIME" help:"Last moment at which it is taken: a time (RFC 3339), the beginning of a day (2026-03-14), now, or never for no end. UTC."`
}

// Run changes how long a token is valid.
func (c *tokenEditCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	account, err := c.account(ctx, db, store.TokenObject, c.ID)
	if err != nil {
		return err
	}
	token, err := db.EditToken(ctx, account, c.ID, c.ValidUntil.Time)
	if err != nil {
		return err
	}
	view := viewToken(token)
	return c.print(app, view, tokenTable(view))
}

// deadline is a time in UTC, or the zero time for never.
type deadline struct{ time.Time }

// UnmarshalText reads a deadline.
func (d *deadline) UnmarshalText(text []byte) error {
	written := strings.TrimSpace(string(text))
	switch written {
	case "never":
		d.Time = time.Time{}
		return nil
	case "now":
		d.Time = time.Now().UTC()
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, written); err == nil {
			d.Time = at.UTC()
			return nil
		}
	}
	return fmt.Errorf("%q is neither a time such as 2026-03-14T15:00:00Z, nor a day, nor now or never", written)
}
