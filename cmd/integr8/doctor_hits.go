package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// How far back doctor looks: at senders' mistakes a day, so that what was
// mended yesterday is not told; at what is rare and lasting a week.
const (
	mistakesWindow = 24 * time.Hour
	lastingWindow  = 7 * 24 * time.Hour
)

// reference looks at the offers and at who could convert them.
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
	for _, id := range slices.Sorted(maps.Keys(snapshot.Offers)) {
		offer := snapshot.Offers[id]
		if offer.Status != attribution.Active {
			continue
		}
		who := party{AccountID: offer.AccountID, Offer: id}
		name := fmt.Sprintf("offer %d %q of account %d", id, offer.Name, offer.AccountID)
		if err := hit.CheckReturn(offer.Destination); err != nil {
			e.warn("offers", who, fmt.Sprintf("%s: no click can convert: %s", name, oneLine(err)),
				fmt.Sprintf("integr8 offer edit %d --destination URL, with {transaction_id} under the name that the advertiser expects", id))
		}
		if unknown := unknownMacros(offer.Destination); len(unknown) > 0 {
			e.warn("offers", who, fmt.Sprintf("%s: nothing fills %s in its destination", name, strings.Join(unknown, ", ")),
				fmt.Sprintf("correct the name, or remove it: integr8 offer edit %d --destination URL", id))
		}
		if !global[offer.AccountID] && !own[id] {
			e.warn("tokens", who, name+": no valid token covers it, so that nothing can convert",
				fmt.Sprintf("integr8 token create --account %d --offer %d, or without --offer for the whole account", offer.AccountID, id))
		}
	}
}

// senderMistakes are the reasons that are told by sender.
var senderMistakes = []attribution.Reason{
	attribution.MissingTransactionID, attribution.PlaceholderTransaction,
	attribution.PlaceholderOrderID, attribution.PlaceholderExternalID, attribution.MalformedTransactionID,
	attribution.UnverifiedTransactionID, attribution.ExpiredToken, attribution.UnknownToken,
	attribution.UnsupportedEvent, attribution.UnsupportedStatus,
	attribution.WrongAccount, attribution.WrongDomain, attribution.WrongPurpose, attribution.RevenueNotCounted,
	attribution.OfferPaused, attribution.PublisherPaused,
}

// troublesShown is how many groups of hits are told.
const troublesShown = 50

// hits looks at what senders got wrong during the last day.
func (e *examination) hits(ctx context.Context, db *store.Store) {
	since := e.now.Add(-mistakesWindow)
	troubles, err := db.Troubles(ctx, since, senderMistakes, troublesShown)
	if err != nil {
		e.failed("hits", err)
		return
	}
	for _, trouble := range troubles {
		e.warn("hits", party{AccountID: trouble.AccountID, Offer: trouble.OfferID, Publisher: trouble.PublisherID, Token: trouble.TokenID},
			fmt.Sprintf("%d × %s with %s%s, the last at %s", trouble.Hits, trouble.Kind, trouble.Reason, sender(trouble), clock(trouble.LastSeen)),
			trouble.Reason.Hint())
	}
	accounts, err := db.PixelsWithoutDomain(ctx, since)
	if err != nil {
		e.failed("hits", err)
		return
	}
	for _, account := range accounts {
		e.warn("domains", party{AccountID: account}, fmt.Sprintf("account %d is sent pixels but has no tracking domain", account),
			fmt.Sprintf("integr8 domain create --account %d --host HOST, and serve the pixel from there", account))
	}
}

// sender tells whom hits came from, as far as is known.
func sender(trouble store.Trouble) string {
	var known []string
	for _, part := range []struct {
		name string
		id   int64
	}{
		{"account", trouble.AccountID}, {"token", trouble.TokenID}, {"offer", trouble.OfferID}, {"publisher", trouble.PublisherID},
	} {
		if part.id != 0 {
			known = append(known, fmt.Sprintf("%s %d", part.name, part.id))
		}
	}
	if len(known) == 0 {
		return ""
	}
	return " (" + strings.Join(known, ", ") + ")"
}

// conflicts looks for offers that are sent both kinds of postbacks.
func (e *examination) conflicts(ctx context.Context, db *store.Store) {
	conflicts, err := db.ReportConflicts(ctx, store.ReportFilter{From: e.now.Add(-lastingWindow), To: e.now.Add(time.Minute)})
	if err != nil {
		e.failed("conflicts", err)
		return
	}
	for _, conflict := range conflicts {
		e.warn("conflicts", party{AccountID: conflict.AccountID, Offer: conflict.OfferID},
			fmt.Sprintf("offer %d %q of account %d is sent both the global and the offer-level postback: %d conversions came twice within a week",
				conflict.OfferID, conflict.Name, conflict.AccountID, conflict.DuplicatesOtherURL),
			"have the advertiser keep one of the two; details: integr8 report --conflicts")
	}
}

// leaksShown is how many leaks are told.
const leaksShown = 20

// leaks looks for secure tokens in tracking links.
func (e *examination) leaks(ctx context.Context, db *store.Store) {
	leaks, total, err := db.TokenLeaks(ctx, e.now.Add(-lastingWindow), leaksShown)
	if err != nil {
		e.failed("leaks", err)
		return
	}
	for _, leak := range leaks {
		token := "a token that cannot be told"
		if leak.TokenID != 0 {
			token = fmt.Sprintf("token %d", leak.TokenID)
		}
		e.warn("leaks", party{AccountID: leak.AccountID, Offer: leak.OfferID, Publisher: leak.PublisherID, Token: leak.TokenID},
			fmt.Sprintf("publisher %d was given a secure token: %d clicks on its link for offer %d of account %d carried %s, the last at %s",
				leak.PublisherID, leak.Clicks, leak.OfferID, leak.AccountID, token, clock(leak.LastSeen)),
			fmt.Sprintf("send the publisher the link of integr8 offer show %d; change the token: integr8 token create, then token edit ID --valid-until of the old one",
				leak.OfferID))
	}
	if more := total - len(leaks); more > 0 {
		e.warn("leaks", party{}, fmt.Sprintf("%d more links carried a secure token within a week", more),
			"change the tokens that are named first: one token may be in many links")
	}
}
