package cli

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Create a secure token and print its postback URL."`
	Import tokenImportCommand `cmd:"" time:"long" help:"Take over a token of another system. It is read from standard input, and only its SHA-256 is stored."`
	List   tokenListCommand   `cmd:"" help:"List an account's tokens, without the secrets."`
	Show   tokenShowCommand   `cmd:"" help:"Print postback URL, pixel tag and clickless URL, ready to paste."`
	Edit   tokenEditCommand   `cmd:"" help:"Say until when a token is valid."`
}

func (inv *invocation) tokens() (reference.Tokens, error) {
	db, err := inv.store()
	return reference.Tokens{Store: db}, err
}

func tokenTable(tokens ...reference.Token) func(*table) {
	return func(t *table) {
		t.row("ID", "ACCOUNT", "OFFER", "FOR", "ORIGIN", "VALID UNTIL", "CREATED")
		for _, token := range tokens {
			origin, until := "imported", "for ever"
			if token.Generation != nil {
				origin = fmt.Sprintf("generation %d", *token.Generation)
			}
			if token.ValidUntil != nil {
				until = operate.Clock(*token.ValidUntil)
			}
			var offer any = "all (global)"
			if token.Offer != nil {
				offer = *token.Offer
			}
			t.row(token.ID, token.AccountID, offer, purposeInWords(token.Purpose), origin, until, operate.Clock(token.CreatedAt))
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
	For hit.Kind `default:"" enum:",postback,pixel,clickless" placeholder:"postback|pixel|clickless" help:"The only way in that the token serves. pixel: it may be read by anybody, and fires an offer's fixed terms only. clickless: the revenue and payout that are sent with it count. Without: every way in."`
}

func purposeInWords(purpose *hit.Kind) string {
	if purpose == nil {
		return "every way in"
	}
	return string(*purpose)
}

// Run creates a token. The older ones of the same scope stay valid until
// token edit says otherwise.
func (c *tokenCreateCommand) Run(ctx context.Context, inv *invocation) error {
	tokens, err := inv.shownTokens()
	if err != nil {
		return err
	}
	return printing(c.output, inv, tokenSheet).changed(tokens.Create(ctx, c.Account, c.Offer, c.For))
}

// tokenSheet has all of each token, with the secret.
func tokenSheet(tokens ...reference.Token) func(*table) {
	return func(t *table) {
		for _, token := range tokens {
			t.row("id", token.ID)
			t.row("scope", scopeInWords(token))
			t.row("for", purposeInWords(token.Purpose))
			t.row("token", token.Token)
			t.row("url", token.URL)
		}
	}
}

func scopeInWords(token reference.Token) string {
	if token.Offer == nil {
		return fmt.Sprintf("global: every offer of account %d", token.AccountID)
	}
	return fmt.Sprintf("offer-level: offer %d only", *token.Offer)
}

type tokenListCommand struct {
	output
	ofAccounts
	Offer   int64    `xor:"scope" placeholder:"ID" help:"Only the offer-level tokens of this offer."`
	Global  bool     `xor:"scope" help:"Only global tokens."`
	For     hit.Kind `default:"" enum:",postback,pixel,clickless" placeholder:"postback|pixel|clickless" help:"Only those that serve this way in: made for it, or for every way."`
	Current bool     `help:"Only those that are still valid."`
}

// Run lists the tokens.
func (c *tokenListCommand) Run(ctx context.Context, inv *invocation) error {
	tokens, err := inv.tokens()
	if err != nil {
		return err
	}
	return printing(c.output, inv, tokenTable).list(tokens.List(ctx,
		reference.TokenFilter{Account: c.Account, Offer: c.Offer, Global: c.Global, Serves: c.For, Current: c.Current}))
}

type tokenEditCommand struct {
	output
	ofAccount
	ID         int64    `arg:"" help:"Number of the token."`
	ValidUntil deadline `required:"" placeholder:"TIME" help:"Last moment at which it is taken: a time (RFC 3339), the beginning of a day (2026-03-14), now, or never for no end. UTC."`
}

// Run changes how long a token is valid.
func (c *tokenEditCommand) Run(ctx context.Context, inv *invocation) error {
	tokens, err := inv.tokens()
	if err != nil {
		return err
	}
	return printing(c.output, inv, tokenTable).one(tokens.Edit(ctx, c.Account, c.ID, c.ValidUntil.Time))
}

// deadline is a time in UTC, or the zero time for never.
type deadline struct{ time.Time }

// UnmarshalText reads a deadline.
func (d *deadline) UnmarshalText(text []byte) (err error) {
	d.Time, err = reference.ParseDeadline(string(text), time.Now())
	return err
}
