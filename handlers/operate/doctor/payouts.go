package doctor

import (
	"context"
	"fmt"
	"strings"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
)

// losses looks for conversions of the last week that paid more than they brought
// through amounts of a clickless hit or a share of a sent revenue, and not through the
// fixed terms of their offer.
func (e *examination) losses(ctx context.Context, db Store) {
	losses, err := db.LosingConversions(ctx, e.now.Add(-lastingWindow), ExamplesShown)
	if err != nil {
		e.failed("payouts", err)
		return
	}
	if len(losses.Worst) == 0 {
		return
	}
	all := make([]Example, len(losses.Worst))
	for i, loss := range losses.Worst {
		all[i] = Example{
			fmt.Sprintf("%s of publisher %d for offer %d of account %d, by %s, paid %s and brought %s %s; `integr8 trace %s`",
				operate.Counted(loss.Conversions, "conversion"), loss.PublisherID, loss.OfferID, loss.AccountID, loss.Method,
				operate.Amount(loss.Payout, loss.Currency), operate.Amount(loss.Revenue, loss.Currency), loss.Currency, loss.WorstID),
			Party{AccountID: loss.AccountID, Offer: loss.OfferID, Publisher: loss.PublisherID},
		}
	}
	found := Finding{Level: Warning, Check: "payouts", Count: losses.Conversions,
		What: fmt.Sprintf("%s paid more than they brought within a week", operate.Counted(losses.Conversions, "conversion")),
		Hint: "`integr8 trace` shows what was sent; a ceiling bounds the amounts of clickless hits: `integr8 offer edit ID --ceiling AMOUNT`"}
	if losses.Conversions == 1 {
		found.What = "1 conversion paid more than it brought within a week"
	}
	found.Party = all[0].Party
	found.list(all, int(losses.Groups)-len(all))
	e.add(found)
}

// terms checks the amounts of active offers: those that pay more than they bring in,
// and those without a limit on the amounts of clickless hits.
func (e *examination) terms(snapshot *attribution.Snapshot) {
	setters := e.settersOfAmounts(snapshot)
	var losing, unbounded []Example
	for offer := range activeOffers(snapshot) {
		name := fmt.Sprintf("offer %d %q of account %d", offer.ID, offer.Name, offer.AccountID)
		about := Party{AccountID: offer.AccountID, Offer: offer.ID}
		if found := reference.Losses(offer); len(found) > 0 {
			losing = append(losing, Example{name + ": " + strings.Join(found, "; "), about})
		}
		if token, ok := setters.of(offer); ok && offer.Ceiling == nil {
			about.Token = token
			unbounded = append(unbounded, Example{
				fmt.Sprintf("%s has no ceiling, so that a clickless hit with token %d sets a payout of any amount", name, token), about})
		}
	}
	e.several(Warning, "payouts", "offers pay more than they bring in",
		"`integr8 offer edit ID --payout AMOUNT --revenue AMOUNT`, with `--publisher` for the terms of one; ignore it where it is meant", losing, 0)
	e.several(Warning, "payouts", "offers have no ceiling, so that a clickless hit sets a payout of any amount",
		"`integr8 offer edit ID --ceiling AMOUNT`: the most that one conversion of it may pay", unbounded, 0)
}

// scope is the offers that a token may convert: one offer, or with offer 0 all of an
// account.
type scope struct{ account, offer int64 }

// amountSetters holds, for each scope, a valid token with which the amounts of a
// clickless hit count: one made for clickless, and one for every way in, with which
// they count only when the offer takes own amounts.
type amountSetters struct{ clickless, every map[scope]int64 }

func (e *examination) settersOfAmounts(snapshot *attribution.Snapshot) amountSetters {
	found := amountSetters{map[scope]int64{}, map[scope]int64{}}
	for _, token := range snapshot.Tokens() {
		tokens := found.every
		switch {
		case !token.ValidUntil.IsZero() && !token.ValidUntil.After(e.now), token.Purpose != "" && token.Purpose != hit.Clickless:
			continue
		case token.Purpose == hit.Clickless:
			tokens = found.clickless
		}
		of := scope{token.AccountID, token.OfferID}
		if known, ok := tokens[of]; !ok || token.ID < known {
			tokens[of] = token.ID
		}
	}
	return found
}

// of returns a token with which the amounts of the offer's clickless hits count.
func (s amountSetters) of(offer attribution.Offer) (token int64, ok bool) {
	kinds := []map[scope]int64{s.clickless}
	if offer.OwnAmounts {
		kinds = append(kinds, s.every)
	}
	for _, tokens := range kinds {
		for _, of := range []scope{{offer.AccountID, offer.ID}, {offer.AccountID, 0}} {
			if token, ok := tokens[of]; ok {
				return token, true
			}
		}
	}
	return 0, false
}
