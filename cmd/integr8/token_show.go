package main

import (
	"context"
	"errors"
	"fmt"

	"integr8/handlers/attribution"
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

// shownTokens answers for an account: null where there is no current token.
type shownTokens struct {
	AccountID int64        `json:"account_id"`
	Global    *shownScope  `json:"global"`
	Offers    []shownScope `json:"offers"`
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
	shown, err := show.scope(ctx, []store.Token{token}, domains)
	if err != nil {
		return err
	}
	if shown.Problem != "" {
		return withHint(errors.New(shown.Problem), fmt.Sprintf("integr8 token create --account %d makes a new one", account))
	}
	return c.print(app, shown, func(t *table) {
		shown.table(t)
		if len(domains) == 0 && token.Serves(attribution.ByPixel) {
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
	answer := shownTokens{AccountID: c.Account, Offers: []shownScope{}}
	for _, scope := range currentTokens(tokens) {
		shown, err := show.scope(ctx, scope, domains)
		if err != nil {
			return err
		}
		switch offer := scope[0].OfferID; {
		case offer == 0:
			answer.Global = &shown
		case c.Offer == 0 || offer == c.Offer:
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
