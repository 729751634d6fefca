package doctor

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
)

// reference checks that active offers can convert.
func (e *examination) reference(ctx context.Context, db Store) {
	snapshot, err := db.LoadSnapshot(ctx)
	if err != nil {
		e.failed("offers", err)
		return
	}
	e.terms(snapshot)
	global, own := map[int64]bool{}, map[int64]bool{}
	for _, token := range snapshot.Tokens() {
		switch {
		case !token.ValidUntil.IsZero() && !token.ValidUntil.After(e.now):
		case token.OfferID == 0:
			global[token.AccountID] = true
		default:
			own[token.OfferID] = true
		}
	}
	var lost, unfilled, uncovered []Example
	for offer := range activeOffers(snapshot) {
		add := func(to *[]Example, what string) {
			if what != "" {
				name := fmt.Sprintf("offer %d %q of account %d: ", offer.ID, offer.Name, offer.AccountID)
				*to = append(*to, Example{name + what, Party{AccountID: offer.AccountID, Offer: offer.ID}})
			}
		}
		add(&lost, reference.LostReturn(offer.Destination))
		add(&unfilled, reference.UnfilledMacros(offer.Destination))
		if !global[offer.AccountID] && !own[offer.ID] {
			add(&uncovered, "no valid token covers it, so that nothing can convert")
		}
	}
	e.several(Warning, "offers", "offers have a destination through which no transaction_id comes back whole: no click can convert",
		"`integr8 offer edit ID --destination URL`, with {transaction_id} as the value of the parameter that the advertiser expects", lost, 0)
	e.several(Warning, "tokens", "offers have no valid token, so that nothing can convert",
		"`integr8 token create --account ID --offer ID`, or without `--offer` for the whole account", uncovered, 0)
	e.several(Warning, "offers", "offers have a macro in their destination that nothing fills",
		"correct the name, or remove it: `integr8 offer edit ID --destination URL`", unfilled, 0)
}

// activeOffers yields the active offers by id.
func activeOffers(snapshot *attribution.Snapshot) iter.Seq[attribution.Offer] {
	var ids []int64
	for offer := range snapshot.Offers() {
		if offer.Status == attribution.Active {
			ids = append(ids, offer.ID)
		}
	}
	slices.Sort(ids)
	return func(yield func(attribution.Offer) bool) {
		for _, id := range ids {
			if offer, _ := snapshot.Offer(id); !yield(offer) {
				return
			}
		}
	}
}
