package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

// How far back doctor looks: at senders' mistakes a day, so that what was
// mended yesterday is not told; at what is rare and lasting a week.
const (
	mistakesWindow = 24 * time.Hour
	lastingWindow  = 7 * 24 * time.Hour
)

// senderMistakes are the reasons that are told by sender.
var senderMistakes = []attribution.Reason{
	attribution.MissingTransactionID, attribution.PlaceholderTransaction,
	attribution.PlaceholderOrderID, attribution.PlaceholderExternalID, attribution.MalformedTransactionID,
	attribution.UnverifiedTransactionID, attribution.ExpiredToken, attribution.UnknownToken,
	attribution.UnsupportedEvent, attribution.UnsupportedStatus,
	attribution.WrongAccount, attribution.WrongDomain, attribution.WrongPurpose, attribution.RevenueNotCounted,
	attribution.OfferPaused, attribution.PublisherPaused,
}

// troublesRead is how many groups of hits are read.
const troublesRead = 1000

// reasons looks at what senders got wrong during the last day and at the dead
// letters that are open, and reports each reason once.
func (e *examination) reasons(ctx context.Context, db *store.Store) {
	troubles, err := db.Troubles(ctx, e.now.Add(-mistakesWindow), senderMistakes, troublesRead)
	if err != nil {
		e.failed("hits", err)
		return
	}
	dead, err := db.DeadReasons(ctx, store.DeadFilter{State: store.StateOpen})
	if err != nil {
		e.failed("dead letters", err)
		return
	}
	retention, err := db.Retention(ctx)
	if err != nil {
		e.failed("dead letters", err)
		return
	}
	open := map[attribution.Reason]store.DeadReason{}
	for _, one := range dead {
		open[one.Reason] = one
	}
	for len(troubles) > 0 {
		reason := troubles[0].Reason
		var same, others []store.Trouble
		for _, trouble := range troubles {
			if trouble.Reason == reason {
				same = append(same, trouble)
			} else {
				others = append(others, trouble)
			}
		}
		e.mistake(same, open[reason])
		delete(open, reason)
		troubles = others
	}
	for _, one := range dead {
		if _, left := open[one.Reason]; left {
			e.add(finding{Level: levelWarning, Check: "dead letters", Count: one.Letters,
				What: fmt.Sprintf("%d open with %s, the oldest of %s", one.Letters, one.Reason, clock(one.Oldest)), Hint: reasonHint(one)})
		}
	}
	e.remarks = append(e.remarks, deadRetention(retention))
}

func reasonHint(dead store.DeadReason) string {
	return fmt.Sprintf("%s See: integr8 dead list --reason %s", dead.Reason.Hint(), dead.Reason)
}

// mistake reports the hits of one reason, and its open dead letters if it has any.
func (e *examination) mistake(troubles []store.Trouble, dead store.DeadReason) {
	reason := troubles[0].Reason
	found := finding{Level: levelWarning, Check: "hits", Hint: reason.Hint(), party: partyOf(troubles[0])}
	all := make([]example, len(troubles))
	for i, trouble := range troubles {
		all[i] = example{
			fmt.Sprintf("%d × %s with %s%s, the last at %s", trouble.Hits, trouble.Kind, reason, sender(trouble), clock(trouble.LastSeen)),
			partyOf(trouble),
		}
		found.Count += trouble.Hits
	}
	found.What = all[0].What
	if len(all) > 1 {
		found.What = fmt.Sprintf("%d hits with %s in a day", found.Count, reason)
		found.list(all, 0)
	}
	if dead.Letters > 0 {
		found.What += fmt.Sprintf("; %d dead letters are open, the oldest of %s", dead.Letters, clock(dead.Oldest))
		found.Hint = reasonHint(dead)
	}
	e.add(found)
}

func partyOf(trouble store.Trouble) party {
	return party{AccountID: trouble.AccountID, Offer: trouble.OfferID, Publisher: trouble.PublisherID, Token: trouble.TokenID}
}

// domains looks for pixels of accounts that have no tracking domain.
func (e *examination) domains(ctx context.Context, db *store.Store) {
	accounts, err := db.PixelsWithoutDomain(ctx, e.now.Add(-mistakesWindow))
	if err != nil {
		e.failed("domains", err)
		return
	}
	var all []example
	for _, account := range accounts {
		all = append(all, example{fmt.Sprintf("account %d is sent pixels but has no tracking domain", account), party{AccountID: account}})
	}
	e.several(levelWarning, "domains", "accounts are sent pixels but have no tracking domain",
		"integr8 domain create --account ID --host HOST, and serve the pixel from there", all, 0)
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
	var all []example
	for _, conflict := range conflicts {
		all = append(all, example{
			fmt.Sprintf("offer %d %q of account %d is sent both the global and the offer-level postback: %d conversions came twice within a week",
				conflict.OfferID, conflict.Name, conflict.AccountID, conflict.DuplicatesOtherURL),
			party{AccountID: conflict.AccountID, Offer: conflict.OfferID},
		})
	}
	e.several(levelWarning, "conflicts", "offers are sent both the global and the offer-level postback, and conversions came twice within a week",
		"have the advertiser keep one of the two; details: integr8 report --conflicts", all, 0)
}

// leaks looks for secure tokens in tracking links.
func (e *examination) leaks(ctx context.Context, db *store.Store) {
	leaks, total, err := db.TokenLeaks(ctx, e.now.Add(-lastingWindow), examplesShown)
	if err != nil {
		e.failed("leaks", err)
		return
	}
	var all []example
	for _, leak := range leaks {
		token := "a token that is not known"
		if leak.TokenID != 0 {
			token = fmt.Sprintf("token %d", leak.TokenID)
		}
		all = append(all, example{
			fmt.Sprintf("publisher %d was given a secure token: %d clicks on its link for offer %d of account %d carried %s, the last at %s",
				leak.PublisherID, leak.Clicks, leak.OfferID, leak.AccountID, token, clock(leak.LastSeen)),
			party{AccountID: leak.AccountID, Offer: leak.OfferID, Publisher: leak.PublisherID, Token: leak.TokenID},
		})
	}
	e.several(levelWarning, "leaks", "tracking links carried a secure token within a week",
		"send the publisher the link of integr8 offer show OFFER; change the token: integr8 token create, then token edit ID --valid-until of the old one",
		all, total-len(leaks))
}
