package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"integr8/handlers/operate"
	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/links"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
)

// revealing is the access that shows secrets and takes them over: who has a token may
// report conversions in the name of the account.
var revealing = access{role: users.Admin}

// integrationShown is the page of an account's links, or, without an account, the accounts.
type integrationShown struct {
	// Account is 0 where one has to be chosen from Accounts.
	Account  int64
	Accounts operate.Page[reference.Account]
	// Offers are those to choose from; Offer is the chosen one, or nil.
	Offers operate.Page[reference.Offer]
	Offer  *reference.Offer
	// Next is the address of the next page of accounts or offers; empty on the last.
	Next string
	// Warnings are about the chosen offer, or else the account.
	Warnings []string
	Builder  linkBuilder
	Scopes   []scopeShown
	// HasDomain is set when the account has a tracking domain: without one there is no pixel.
	HasDomain bool
	// Reveals is set for users who may see tokens.
	Reveals bool
	// Imported is the token that was taken over just now; 0 for none.
	Imported int64
	Unknown  unknownShown
}

func (c *Console) integrationPage(v *visit) error {
	page, err := c.readIntegration(v)
	if err != nil {
		return err
	}
	return c.renderIntegration(v, page)
}

func (c *Console) renderIntegration(v *visit, page integrationShown) error {
	return c.render(v, http.StatusOK, "integration", "Integration", page)
}

func (c *Console) readIntegration(v *visit) (page integrationShown, err error) {
	page.Reveals, page.Account = revealing.allows(v.user) == nil, v.account()
	if page.Imported, err = v.number("imported"); err != nil {
		return page, err
	}
	offer, err := v.number("offer")
	if err != nil {
		return page, err
	}
	page.Unknown = c.unknownSeen(v)
	switch {
	case offer != 0:
		err = c.readOffer(v, offer, &page)
	case page.Account != 0:
		err = c.readOffers(v, &page)
	default:
		return page, c.readAccounts(v, &page)
	}
	if err != nil {
		return page, err
	}
	return page, c.readScopes(v, offer, &page)
}

func (c *Console) readAccounts(v *visit, page *integrationShown) error {
	all, err := c.Accounts.List(v.ctx(), v.query("name"))
	if err != nil {
		return err
	}
	page.Accounts, err = operate.PageByNumber(all, v.query("cursor"), rowsAPage, func(a *reference.Account) int64 { return a.ID })
	page.Next = v.next(page.Accounts.Next)
	return err
}

func (c *Console) readOffers(v *visit, page *integrationShown) error {
	if _, err := c.Accounts.Show(v.ctx(), page.Account); err != nil {
		return err
	}
	all, err := c.Offers.List(v.ctx(), reference.OfferFilter{Account: page.Account, Name: v.query("name")})
	if err != nil {
		return err
	}
	page.Offers, err = operate.PageByNumber(all, v.query("cursor"), rowsAPage, func(o *reference.Offer) int64 { return o.ID })
	page.Next, page.Warnings = v.next(page.Offers.Next), c.found(page.Account, 0)
	return err
}

// readOffer reads an offer of the visit's account, or, where it has none, of the account
// that has the offer.
func (c *Console) readOffer(v *visit, id int64, page *integrationShown) error {
	offer, warnings, err := c.Offers.Check(v.ctx(), page.Account, id)
	if err != nil {
		return err
	}
	page.Account, page.Offer, page.Warnings = offer.AccountID, &offer, append(warnings, c.found(offer.AccountID, offer.ID)...)
	return c.build(v, page)
}

func (c *Console) readScopes(v *visit, offer int64, page *integrationShown) error {
	current, err := c.Links.Masked(v.ctx(), page.Account, offer)
	if err != nil {
		return err
	}
	page.HasDomain = current.HasDomain
	if current.Global != nil {
		page.Scopes = append(page.Scopes, scopeShownOf(*current.Global))
	}
	for _, scope := range current.Offers {
		page.Scopes = append(page.Scopes, scopeShownOf(scope))
	}
	if page.Offer != nil {
		page.Warnings = append(page.Warnings, coverage(page.Scopes)...)
	}
	return nil
}

// coverage says what is wrong with the choice of tokens for an offer.
func coverage(scopes []scopeShown) []string {
	switch len(scopes) {
	case 0:
		return []string{"no valid token covers the offer, so that nothing can convert"}
	case 1:
		return nil
	default:
		return []string{"the advertiser needs either the global or the offer-level postback: with both, each conversion arrives twice"}
	}
}

// linted are the checks of doctor that are about how offers and tokens are set up.
var linted = []string{"offers", "tokens", "payouts", "orders"}

// found is what doctor has found lately about an account, or about one of its offers
// beyond what is read with the offer itself.
func (c *Console) found(account, offer int64) []string {
	ctx, cancel := context.WithCancel(c.background)
	cancel() // it may come later
	return foundIn(c.now.examined.get(ctx, 0).Value, account, offer)
}

func foundIn(report doctor.Report, account, offer int64) (sentences []string) {
	for _, finding := range report.Findings {
		if finding.Level == doctor.Note || !slices.Contains(linted, finding.Check) {
			continue
		}
		for _, example := range finding.Examples {
			beyond := example.Offer == offer && (example.Token != 0 || finding.Check == "orders")
			if example.AccountID == account && (offer == 0 || beyond) {
				sentences = append(sentences, example.What)
			}
		}
	}
	return sentences
}

// next is the address of the next page of a list; empty on the last.
func (v *visit) next(cursor *string) string {
	if cursor == nil {
		return ""
	}
	return v.with("cursor", *cursor)
}

// reveal shows the links of one token with the secret, which no URL has. The log says who
// has seen it.
func (c *Console) reveal(v *visit) error {
	id, err := strconv.ParseInt(v.r.PostFormValue("token"), 10, 64)
	if err != nil || id < 1 {
		return &badRequest{"token is the number of a token."}
	}
	shown, err := c.Links.Show(v.ctx(), v.account(), id)
	if err != nil {
		return err
	}
	page, err := c.readIntegration(v)
	if err != nil {
		return err
	}
	c.logShown(v, shown.AccountID, id)
	for i := range page.Scopes {
		page.Scopes[i].reveal(shown.Ways)
	}
	return c.renderIntegration(v, page)
}

// scopeShown are the links of the tokens for all offers, or for one.
type scopeShown struct {
	Title string
	Ways  []wayShown
}

// wayShown is a way in with its links.
type wayShown struct {
	links.Way
	Title, Purpose string
	// Revealed is set when the links have the secret.
	Revealed bool
}

// wayTitles say what the links of a way in are, by the way.
var wayTitles = map[string]string{"postback": "postback URL", "pixel": "pixel tag", "clickless": "clickless URL"}

func scopeShownOf(scope links.Scope) scopeShown {
	shown, kind := scopeShown{Title: "Global: for every offer of the account"}, "Global"
	if scope.Offer != nil {
		shown.Title, kind = fmt.Sprintf("Offer-level: for offer %d only", *scope.Offer), "Offer-level"
	}
	for _, way := range scope.Ways {
		if way.Problem == "" && way.Note == "" && len(way.Paste) == 0 {
			continue // a pixel without a tracking domain
		}
		one := wayShown{Way: way, Title: kind + " " + wayTitles[string(way.Way)], Purpose: "every way in"}
		if way.Purpose != nil {
			one.Purpose = string(*way.Purpose)
		}
		shown.Ways = append(shown.Ways, one)
	}
	return shown
}

// reveal puts the links of a token in the place of the masked ones.
func (s *scopeShown) reveal(ways []links.Way) {
	for i, masked := range s.Ways {
		for _, way := range ways {
			if way.TokenID == masked.TokenID && way.Way == masked.Way.Way {
				s.Ways[i].Way, s.Ways[i].Revealed = way, true
			}
		}
	}
}
