package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
)

func (c *Console) routeTokens(mux *http.ServeMux) {
	tokens := c.tokens()
	tokens.register(mux)
	c.page(mux, "POST /setup/tokens/{id}/reveal", revealing, func(v *visit) error { return c.revealToken(v, tokens) })
}

func (c *Console) tokens() section[reference.Token] {
	return section[reference.Token]{
		Console: c, place: tokenPlace, noun: history.Token, object: reference.TokenObject,
		heads: []head{{"token", true}, {"account", true}, {"offer", false}, {"for", false}, {"origin", false}, {"valid until", false}, {"created", false}},
		row: func(t reference.Token) []cell {
			return []cell{idCell(t.ID), idCell(t.AccountID), {Text: offerOfToken(t)}, {Text: purposeWords(t.Purpose)}, {Text: originOf(t)}, {Text: deadlineWords(t.ValidUntil), Class: "time"}, timeCell(t.CreatedAt)}
		},
		filters: func(v *visit) []field {
			return append(chosenAccount(v), field{Name: "offer", Words: "offer", Kind: numberField, Value: v.query("offer")},
				field{Name: "for", Words: "serves", Kind: choiceField, Value: v.query("for"), Choices: importShown{}.Purposes()},
				field{Name: "global", Words: "global", Kind: checkField, Value: v.query("global")}, field{Name: "current", Words: "still valid", Kind: checkField, Value: v.query("current")})
		},
		list: func(v *visit) ([]reference.Token, error) {
			offer, err := v.number("offer")
			if err != nil {
				return nil, err
			}
			return c.Tokens.List(v.ctx(), reference.TokenFilter{Account: v.account(), Offer: offer, Global: v.query("global") != "", Serves: hit.Kind(v.query("for")), Current: v.query("current") != ""})
		},
		id:  func(t *reference.Token) int64 { return t.ID },
		key: func(t reference.Token) string { return numberOf(t.ID) },
		show: byNumber(func(v *visit, id int64) (reference.Token, error) {
			return c.Tokens.Show(v.ctx(), v.account(), id)
		}),
		fields: tokenFields,
		add: func(ctx context.Context, p *sent) (none reference.Token, _ reference.Warnings, _ error) {
			form := reference.TokenForm{Offer: p.number("offer"), For: p.purpose("for")}
			account := p.account()
			if err := p.err(); err != nil {
				return none, nil, err
			}
			return c.Links.Create(ctx, account, form.Offer, form.For)
		},
		alter: func(ctx context.Context, account int64, before reference.Token, p *sent) (none reference.Token, _ reference.Warnings, _ error) {
			until, err := reference.TokenEditForm{ValidUntil: p.text("valid_until")}.Deadline()
			if err != nil {
				return none, nil, err
			}
			after, err := c.Tokens.Edit(ctx, account, before.ID, until)
			return after, nil, err
		},
		secret: func(v *visit, made reference.Token) (*secretShown, error) {
			c.logShown(v, made.AccountID, made.ID)
			return &secretShown{Words: "Its link", Text: made.URL, Note: "Give it to the advertiser. Older tokens of the same scope stay valid until an edit ends them. The log says who has seen it."}, nil
		},
		complete: c.completeToken,
	}
}

func tokenFields(v *visit, of reference.Token, isNew bool) ([]field, error) {
	if !isNew {
		until := "never"
		if of.ValidUntil != nil {
			until = of.ValidUntil.UTC().Format(time.RFC3339)
		}
		return []field{{Name: "valid_until", Words: "valid until", Kind: textField, Value: until, Required: true, Most: 50, Sample: "2026-03-14T15:00:00Z",
			Hint: "Last moment at which it is taken: a time, the beginning of a day (2026-03-14), now, or never for no end. UTC."}}, nil
	}
	return ofAccount(v, true,
		field{Name: "offer", Words: "offer", Kind: numberField, Value: v.query("offer"), Sample: "every offer of the account", Hint: "Its number makes an offer-level token, which converts this offer only."},
		field{Name: "for", Words: "for", Kind: choiceField, Choices: importShown{}.Purposes(), Hint: "The only way in that it serves. Everybody can read a pixel, so that one for pixels fires fixed terms only; with one for clickless the amounts that are sent count."}), nil
}

// purpose is the way in that was chosen.
func (p *sent) purpose(name string) hit.Kind {
	purpose := hit.Kind(p.text(name))
	if !isPurpose(purpose) {
		p.fault(name, "choose one of the ways in")
	}
	return purpose
}

// tokenShown is what the page of a token shows beside its form.
type tokenShown struct {
	Ways []wayShown
	// Problem says why the token cannot be shown.
	Problem string
	// Reveal is where the secret is asked for; empty for those who may not see it.
	Reveal string
}

// completeToken reads the links of a token, without the secret.
func (c *Console) completeToken(v *visit, of reference.Token, page *objectShown) error {
	page.Facts = append(factsOf(of.AccountID, of.CreatedAt), fact{"converts", offerOfToken(of)}, fact{"for", purposeWords(of.Purpose)}, fact{"origin", originOf(of)})
	masked, err := c.Links.ShowMasked(v.ctx(), of.AccountID, of.ID)
	if errors.Is(err, reference.ErrNotFound) {
		page.Extra = tokenShown{Problem: sentence(err)}
		return nil
	}
	if err != nil {
		return err
	}
	shown := tokenShown{Ways: scopeShownOf(masked.Scope).Ways}
	if revealing.allows(v.user) == nil {
		shown.Reveal = inAccount(v, tokenPlace.Path+"/"+numberOf(of.ID)+"/reveal")
	}
	page.Extra = shown
	return nil
}

// revealToken shows a token with the secret, which no URL has. The log says who has seen it.
func (c *Console) revealToken(v *visit, tokens section[reference.Token]) error {
	of, err := tokens.show(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	page, err := tokens.pageOf(v, of)
	if err != nil {
		return err
	}
	shown, err := c.Links.Show(v.ctx(), of.AccountID, of.ID)
	if err != nil {
		return err
	}
	c.logShown(v, of.AccountID, of.ID)
	page.Extra = tokenShown{Ways: revealed(scopeShownOf(shown.Scope).Ways)}
	return c.render(v, http.StatusOK, "setupobject", page.Title, page)
}

func revealed(ways []wayShown) []wayShown {
	for i := range ways {
		ways[i].Revealed = true
	}
	return ways
}

// logShown logs who has seen a token.
func (c *Console) logShown(v *visit, account, token int64) {
	c.Logger.Info("secure tokens were shown", "by", v.by(), "account", account, "token", token)
}

func offerOfToken(of reference.Token) string {
	if of.Offer == nil {
		return "all offers (global)"
	}
	return "offer " + numberOf(*of.Offer)
}

func purposeWords(purpose *hit.Kind) string {
	if purpose == nil {
		return "every way in"
	}
	return string(*purpose)
}

func originOf(of reference.Token) string {
	if of.Generation == nil {
		return "imported"
	}
	return "generation " + numberOf(*of.Generation)
}

func deadlineWords(until *time.Time) string {
	if until == nil {
		return "for ever"
	}
	return clock(*until)
}
