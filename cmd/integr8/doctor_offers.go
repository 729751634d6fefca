package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// reference looks at the active offers and at who could convert them.
func (e *examination) reference(ctx context.Context, db *store.Store) {
	snapshot, err := db.LoadSnapshot(ctx)
	if err != nil {
		e.failed("offers", err)
		return
	}
	global, own := map[int64]bool{}, map[int64]bool{}
	for _, token := range snapshot.Tokens {
		switch {
		case !token.ValidUntil.IsZero() && !token.ValidUntil.After(e.now):
		case token.OfferID == 0:
			global[token.AccountID] = true
		default:
			own[token.OfferID] = true
		}
	}
	var lost, unfilled, losses, uncovered []example
	for _, id := range slices.Sorted(maps.Keys(snapshot.Offers)) {
		offer := snapshot.Offers[id]
		if offer.Status != attribution.Active {
			continue
		}
		add := func(to *[]example, format string, arguments ...any) {
			name := fmt.Sprintf("offer %d %q of account %d: ", id, offer.Name, offer.AccountID)
			*to = append(*to, example{name + fmt.Sprintf(format, arguments...), party{AccountID: offer.AccountID, Offer: id}})
		}
		if err := hit.CheckReturn(offer.Destination); err != nil {
			add(&lost, "no click can convert: %s", oneLine(err))
		}
		if unknown := unknownMacros(offer.Destination); len(unknown) > 0 {
			add(&unfilled, "nothing fills %s in its destination", strings.Join(unknown, ", "))
		}
		if found := lossesOf(offer); len(found) > 0 {
			add(&losses, "%s", strings.Join(found, "; "))
		}
		if !global[offer.AccountID] && !own[id] {
			add(&uncovered, "no valid token covers it, so that nothing can convert")
		}
	}
	e.several(levelWarning, "offers", "offers have a destination through which no transaction_id comes back whole: no click can convert",
		"integr8 offer edit ID --destination URL, with {transaction_id} as the value of the parameter that the advertiser expects", lost, 0)
	e.several(levelWarning, "tokens", "offers have no valid token, so that nothing can convert",
		"integr8 token create --account ID --offer ID, or without --offer for the whole account", uncovered, 0)
	e.several(levelWarning, "offers", "offers pay more than they bring in",
		"integr8 offer edit ID --payout AMOUNT --revenue AMOUNT, with --publisher for the terms of one; ignore it where it is meant", losses, 0)
	e.several(levelWarning, "offers", "offers have a macro in their destination that nothing fills",
		"correct the name, or remove it: integr8 offer edit ID --destination URL", unfilled, 0)
}
