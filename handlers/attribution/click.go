package attribution

import "integr8/pipeline/outcome"

// DecideClick decides whether a click counts. door is the reason that the door found,
// such as a paused offer: then the visitor was not sent on, so no replay can make a
// visit of the click. publisher is nil when the account has no such publisher.
func DecideClick(account, offer int64, door outcome.Reason, publisher *Publisher, named int64) Decision {
	decision := Decision{
		Outcome:     outcome.Recorded,
		AccountID:   account,
		OfferID:     offer,
		PublisherID: named,
	}
	switch {
	case door != outcome.NoReason:
		decision.Outcome, decision.Reason = outcome.Rejected, door
	case publisher == nil:
		decision.Outcome, decision.Reason = outcome.Rejected, outcome.UnknownPublisher
	}
	return decision
}
