package attribution

// DecideClick says whether a click counts. door is what the door found, such
// as a paused offer: then the visitor was not sent on, and no replay can make
// a visit of it. publisher is nil when the account has no such publisher.
func DecideClick(account, offer int64, door Reason, publisher *Publisher, named int64) Decision {
	decision := Decision{
		Outcome:     Recorded,
		AccountID:   account,
		OfferID:     offer,
		PublisherID: named,
	}
	switch {
	case door != None:
		decision.Outcome, decision.Reason = Rejected, door
	case publisher == nil:
		decision.Outcome, decision.Reason = Rejected, UnknownPublisher
	}
	return decision
}
