package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"integr8/handlers/operate"
	"integr8/handlers/operate/links"
	"integr8/pipeline/hit"
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

// shownTokens needs the service secrets, from which tokens are derived, and the base of
// their links.
func (inv *invocation) shownTokens() (links.Tokens, error) {
	keys, err := inv.settings.keys()
	if err != nil {
		return links.Tokens{}, err
	}
	base, err := inv.settings.publicURL()
	if err != nil {
		return links.Tokens{}, err
	}
	db, err := inv.store()
	return links.Tokens{Store: db, Keys: keys, Base: links.Base{URL: base}}, err
}

// Run shows one token, or the current ones of an account.
func (c *tokenShowCommand) Run(ctx context.Context, inv *invocation) error {
	tokens, err := inv.shownTokens()
	if err != nil {
		return err
	}
	if c.ID != 0 {
		shown, err := tokens.Show(ctx, c.Account, c.ID)
		if err != nil {
			return err
		}
		return c.print(inv, shown, func(t *table) {
			writeScope(t, shown.Scope)
			if !shown.HasDomain && slices.ContainsFunc(shown.Ways, func(way links.Way) bool { return way.Way == hit.Pixel }) {
				t.row(noDomain(shown.AccountID))
			}
		})
	}
	current, err := tokens.Current(ctx, c.Account, c.Offer)
	if err != nil {
		return err
	}
	return c.print(inv, current, func(t *table) { c.writeCurrent(t, current) })
}

func (c *tokenShowCommand) writeCurrent(t *table, current links.Current) {
	if current.Global != nil {
		writeScope(t, *current.Global)
	} else {
		t.row(fmt.Sprintf("No global token. Make one with: integr8 token create --account %d", c.Account))
		t.row()
	}
	for _, scope := range current.Offers {
		writeScope(t, scope)
	}
	if len(current.Offers) == 0 {
		offer := "ID"
		if c.Offer != 0 {
			offer = fmt.Sprint(c.Offer)
		}
		t.row(fmt.Sprintf("No offer-level token. Make one with: integr8 token create --account %d --offer %s", c.Account, offer))
		t.row()
	}
	if !current.HasDomain {
		t.row(noDomain(c.Account))
		t.row()
	}
	t.row("Put the advertiser's own macro, or the value, wherever it says " + links.Placeholder + ".")
	t.row("An advertiser needs either the global or the offer-level postback: with both, each conversion arrives twice.")
}

func noDomain(account int64) string {
	return fmt.Sprintf("No pixel: it needs a tracking domain. Make one with: integr8 domain create --account %d --host track.example.com", account)
}

// writeScope shows the ways in of a scope with what is ready to paste.
func writeScope(t *table, s links.Scope) {
	scope := "for every offer of the account"
	kind := "Global"
	if s.Offer != nil {
		kind, scope = "Offer-level", fmt.Sprintf("for offer %d only", *s.Offer)
	}
	for _, part := range s.Ways {
		title := map[hit.Kind]string{
			hit.Postback:  fmt.Sprintf("%s postback URL, %s", kind, scope),
			hit.Pixel:     fmt.Sprintf("%s pixel tag", kind),
			hit.Clickless: fmt.Sprintf("%s clickless URL", kind),
		}[part.Way]
		if part.Problem == "" && part.Note == "" && len(part.Paste) == 0 {
			continue // a pixel without a tracking domain
		}
		if s.ValidUntil != nil && part.TokenID == s.ID {
			title += ", valid until " + operate.Clock(*s.ValidUntil) + " UTC"
		}
		t.row(fmt.Sprintf("%s (token %d, for %s):", title, part.TokenID, purposeInWords(part.Purpose)))
		if part.Problem != "" {
			t.row("  " + part.Problem)
			continue
		}
		for _, text := range part.Paste {
			t.row("  " + text)
		}
		if part.Note != "" {
			t.row("  " + part.Note)
		}
	}
	t.row()
}
