package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/report"
	"integr8/pipeline/outcome"
)

// senderMistakes are the reasons that are reported by sender.
var senderMistakes = slices.DeleteFunc(outcome.Reasons(), func(r outcome.Reason) bool { return !r.OfSender() })

// troublesRead is how many groups of hits are read.
const troublesRead = 1000

// reasons reports the mistakes of senders during the last day and the open dead
// letters, each reason once.
func (e *examination) reasons(ctx context.Context, db Store) {
	troubles, err := db.Troubles(ctx, e.now.Add(-mistakesWindow), senderMistakes, troublesRead)
	if err != nil {
		e.failed("hits", err)
		return
	}
	counts, err := db.DeadReasons(ctx, dead.Filter{State: dead.StateOpen})
	if err != nil {
		e.failed("dead letters", err)
		return
	}
	retention, err := db.DeadRetention(ctx)
	if err != nil {
		e.failed("dead letters", err)
		return
	}
	open := map[outcome.Reason]dead.ReasonCount{}
	for _, one := range counts {
		open[one.Reason] = one
	}
	for len(troubles) > 0 {
		reason := troubles[0].Reason
		var same, others []Trouble
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
	for _, one := range counts {
		if _, left := open[one.Reason]; left {
			e.add(Finding{Level: Warning, Check: "dead letters", Count: one.Letters,
				What: fmt.Sprintf("%d open with %s, the oldest of %s", one.Letters, one.Reason, operate.Clock(one.Oldest)), Hint: reasonHint(one)})
		}
	}
	e.remarks = append(e.remarks, retention.String())
}

func reasonHint(letters dead.ReasonCount) string {
	return fmt.Sprintf("%s See: `integr8 dead list --reason %s`", letters.Reason.Hint(), letters.Reason)
}

// mistake reports the hits of one reason, with its open dead letters if it has any.
func (e *examination) mistake(troubles []Trouble, letters dead.ReasonCount) {
	reason := troubles[0].Reason
	found := Finding{Level: Warning, Check: "hits", Hint: reason.Hint(), Party: partyOf(troubles[0])}
	all := make([]Example, len(troubles))
	for i, trouble := range troubles {
		all[i] = Example{
			fmt.Sprintf("%d × %s with %s%s, the last at %s", trouble.Hits, trouble.Kind, reason, sender(trouble), operate.Clock(trouble.LastSeen)),
			partyOf(trouble),
		}
		found.Count += trouble.Hits
	}
	found.What = all[0].What
	if len(all) > 1 {
		found.What = fmt.Sprintf("%d hits with %s in a day", found.Count, reason)
		found.list(all, 0)
	}
	if letters.Letters > 0 {
		found.What += fmt.Sprintf("; %s open, the oldest of %s", operate.Count(letters.Letters, "dead letter", "is", "are"), operate.Clock(letters.Oldest))
		found.Hint = reasonHint(letters)
	}
	e.add(found)
}

func partyOf(trouble Trouble) Party {
	return Party{AccountID: trouble.AccountID, Offer: trouble.OfferID, Publisher: trouble.PublisherID, Token: trouble.TokenID}
}

// domains looks for pixels of accounts without a tracking domain.
func (e *examination) domains(ctx context.Context, db Store) {
	day, err := e.window(ctx, db, mistakesWindow)
	if err != nil {
		e.failed("domains", err)
		return
	}
	accounts, err := db.PixelsWithoutDomain(ctx, day.from)
	if err != nil {
		e.failed("domains", err)
		return
	}
	var all []Example
	for _, account := range accounts {
		all = append(all, Example{fmt.Sprintf("account %d is sent pixels but has no tracking domain", account), Party{AccountID: account}})
	}
	e.several(Warning, "domains", "accounts are sent pixels but have no tracking domain",
		"`integr8 domain create --account ID --host HOST`, and serve the pixel from there", all, 0)
}

// sender names the sender of the hits, as far as it is known.
func sender(trouble Trouble) string {
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
func (e *examination) conflicts(ctx context.Context, db Store) {
	week, err := e.window(ctx, db, lastingWindow)
	if err != nil {
		e.failed("conflicts", err)
		return
	}
	conflicts, err := db.ReportConflicts(ctx, report.Filter{From: week.from, To: e.now.Add(time.Minute)})
	if err != nil {
		e.failed("conflicts", err)
		return
	}
	var twice, once []Example
	for _, conflict := range conflicts {
		mixed := fmt.Sprintf("offer %d %q of account %d is sent both the global and the offer-level postback", conflict.OfferID, conflict.Name, conflict.AccountID)
		about := Party{AccountID: conflict.AccountID, Offer: conflict.OfferID}
		if conflict.DuplicatesOtherURL > 0 {
			twice = append(twice, Example{fmt.Sprintf("%s: %s came twice %s", mixed, operate.Counted(conflict.DuplicatesOtherURL, "conversion"), week.within), about})
		} else {
			once = append(once, Example{mixed + ": no conversion has come twice " + week.within, about})
		}
	}
	const hint = "have the advertiser keep one of the two; details: `integr8 report --conflicts`"
	e.several(Warning, "conflicts", "offers are sent both the global and the offer-level postback, and conversions came twice "+week.within, hint, twice, 0)
	e.several(Warning, "conflicts", "offers are sent both the global and the offer-level postback, though no conversion has come twice "+week.within, hint, once, 0)
}

// leaks looks for secure tokens in tracking links.
func (e *examination) leaks(ctx context.Context, db Store) {
	leaks, total, err := db.TokenLeaks(ctx, e.now.Add(-lastingWindow), ExamplesShown)
	if err != nil {
		e.failed("leaks", err)
		return
	}
	var all []Example
	for _, leak := range leaks {
		token := "a token that is not known"
		if leak.TokenID != 0 {
			token = fmt.Sprintf("token %d", leak.TokenID)
		}
		all = append(all, Example{
			fmt.Sprintf("publisher %d was given a secure token: %s on its link for offer %d of account %d carried %s, the last at %s",
				leak.PublisherID, operate.Counted(leak.Clicks, "click"), leak.OfferID, leak.AccountID, token, operate.Clock(leak.LastSeen)),
			Party{AccountID: leak.AccountID, Offer: leak.OfferID, Publisher: leak.PublisherID, Token: leak.TokenID},
		})
	}
	e.several(Warning, "leaks", "tracking links carried a secure token within a week",
		"send the publisher the tracking link (`integr8 offer show OFFER`); change the token: `integr8 token create`, then `integr8 token edit ID --valid-until` of the old one",
		all, total-len(leaks))
}
