package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"integr8/pipeline/hit"
	"integr8/sql/store"
)

type tokenShowCommand struct {
	output
	Account int64 `placeholder:"ID" help:"Show the account's current global token, and those of its offers."`
	Offer   int64 `placeholder:"ID" help:"With --account: of the offer-level tokens, only this offer's."`
	ID      int64 `arg:"" optional:"" help:"Number of the token; without it, --account says which."`
}

// Validate refuses to guess what is to be shown.
func (c *tokenShowCommand) Validate() error {
	switch {
	case c.ID == 0 && c.Account == 0:
		return errors.New("say which token: its number, or --account and perhaps --offer")
	case c.ID != 0 && c.Offer != 0:
		return errors.New("the number says which token: leave --offer out")
	}
	return nil
}

// shownToken is a token with all that is made of it.
type shownToken struct {
	tokenView
	// Pixels holds a tag for each tracking domain of the account.
	Pixels       []string `json:"pixels"`
	ClicklessURL string   `json:"clickless_url,omitempty"`
	// Problem says why the token cannot be shown.
	Problem string `json:"problem,omitempty"`
}

// shownTokens answers for an account: null where there is no current token.
type shownTokens struct {
	AccountID int64        `json:"account_id"`
	Global    *shownToken  `json:"global"`
	Offers    []shownToken `json:"offers"`
}

// Run shows one token, or the current ones of an account.
func (c *tokenShowCommand) Run(ctx context.Context, app *app) error {
	show, err := app.tokenShower()
	if err != nil {
		return err
	}
	if c.ID != 0 {
		return c.one(ctx, app, show)
	}
	return c.all(ctx, app, show)
}

func (c *tokenShowCommand) one(ctx context.Context, app *app, show *tokenShower) error {
	account, err := ofAccount{c.Account}.account(ctx, show.db, store.TokenObject, c.ID)
	if err != nil {
		return err
	}
	token, err := show.db.Token(ctx, account, c.ID)
	if err != nil {
		return err
	}
	domains, err := show.db.Domains(ctx, account)
	if err != nil {
		return err
	}
	shown := show.token(token, domains)
	if shown.Problem != "" {
		return withHint(errors.New(shown.Problem), fmt.Sprintf("integr8 token create --account %d makes a new one", account))
	}
	return c.print(app, shown, func(t *table) {
		shown.table(t)
		if len(domains) == 0 {
			t.row(noDomain(account))
		}
	})
}

func (c *tokenShowCommand) all(ctx context.Context, app *app, show *tokenShower) error {
	tokens, err := show.db.Tokens(ctx, c.Account)
	if err != nil {
		return err
	}
	if c.Offer != 0 {
		if _, err := show.db.Offer(ctx, c.Account, c.Offer); err != nil {
			return err
		}
	}
	domains, err := show.db.Domains(ctx, c.Account)
	if err != nil {
		return err
	}
	answer := shownTokens{AccountID: c.Account, Offers: []shownToken{}}
	for _, token := range currentTokens(tokens) {
		shown := show.token(token, domains)
		switch {
		case token.OfferID == 0:
			answer.Global = &shown
		case c.Offer == 0 || token.OfferID == c.Offer:
			answer.Offers = append(answer.Offers, shown)
		}
	}
	return c.print(app, answer, func(t *table) { c.table(t, answer, len(domains) > 0) })
}

func (c *tokenShowCommand) table(t *table, answer shownTokens, hasDomain bool) {
	if answer.Global != nil {
		answer.Global.table(t)
	} else {
		t.row(fmt.Sprintf("No global token. Make one with: integr8 token create --account %d", c.Account))
		t.row()
	}
	for _, shown := range answer.Offers {
		shown.table(t)
	}
	if len(answer.Offers) == 0 {
		offer := "ID"
		if c.Offer != 0 {
			offer = fmt.Sprint(c.Offer)
		}
		t.row(fmt.Sprintf("No offer-level token. Make one with: integr8 token create --account %d --offer %s", c.Account, offer))
		t.row()
	}
	if !hasDomain {
		t.row(noDomain(c.Account))
		t.row()
	}
	t.row("Put the advertiser's own macro, or the value, wherever it says " + replaceMe + ".")
	t.row("An advertiser needs either the global or the offer-level postback: with both, each conversion arrives twice.")
}

func noDomain(account int64) string {
	return fmt.Sprintf("No pixel: it needs a tracking domain. Make one with: integr8 domain create --account %d --host track.example.com", account)
}

// currentTokens gives the newest token of each scope that has not ended, in
// the order in which the scopes first got one. Imported tokens, which cannot
// be shown, step back behind those that can.
func currentTokens(tokens []store.Token) []store.Token {
	best := map[int64]store.Token{}
	var scopes []int64
	for _, token := range tokens { // by id, so that later ones are newer
		if !token.ValidUntil.IsZero() && !token.ValidUntil.After(time.Now()) {
			continue
		}
		before, seen := best[token.OfferID]
		if !seen {
			scopes = append(scopes, token.OfferID)
		}
		if token.Generation != 0 || before.Generation == 0 {
			best[token.OfferID] = token
		}
	}
	current := make([]store.Token, 0, len(scopes))
	for _, scope := range scopes {
		current = append(current, best[scope])
	}
	return current
}

// tokenShower derives tokens again.
type tokenShower struct {
	db   *store.Store
	keys hit.Keys
	base *url.URL
}

func (a *app) tokenShower() (*tokenShower, error) {
	keys, err := a.settings.keys()
	if err != nil {
		return nil, err
	}
	base, err := a.settings.publicURL()
	if err != nil {
		return nil, err
	}
	db, err := a.store()
	if err != nil {
		return nil, err
	}
	return &tokenShower{db: db, keys: keys, base: base}, nil
}

func (s *tokenShower) token(token store.Token, domains []store.Domain) shownToken {
	shown := shownToken{tokenView: viewToken(token), Pixels: []string{}}
	if token.Generation == 0 {
		shown.Problem = fmt.Sprintf("token %d was imported, so that only its digest is known and it cannot be shown", token.ID)
		return shown
	}
	secure, ok := s.keys.RecoverToken(token.AccountID, token.OfferID, token.Generation, token.Digest)
	if !ok {
		shown.Problem = fmt.Sprintf("token %d was made with a service secret that INTEGR8_SECRET no longer lists, and cannot be shown", token.ID)
		return shown
	}
	shown.Token = secure
	shown.URL = postbackURL(s.base, secure)
	shown.ClicklessURL = clicklessURL(s.base, secure, token.OfferID)
	for _, domain := range domains {
		shown.Pixels = append(shown.Pixels, pixelTag(s.base, domain.Host, secure))
	}
	return shown
}

func (s shownToken) table(t *table) {
	scope := "Global postback URL, for every offer of the account"
	if s.Offer != nil {
		scope = fmt.Sprintf("Offer-level postback URL, for offer %d only", *s.Offer)
	}
	if s.ValidUntil != nil {
		scope += ", valid until " + clock(*s.ValidUntil) + " UTC"
	}
	t.row(fmt.Sprintf("%s (token %d):", scope, s.ID))
	if s.Problem != "" {
		t.row("  " + s.Problem)
		t.row()
		return
	}
	t.row("  " + s.URL)
	for _, pixel := range s.Pixels {
		t.row("Pixel tag:")
		t.row("  " + pixel)
	}
	t.row("Clickless URL:")
	t.row("  " + s.ClicklessURL)
	t.row()
}
