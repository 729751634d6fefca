package attribution

import (
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Target returns the offer and the publisher that a case is about; zeros while they are
// unknown.
func (c *Case) Target() (offer, publisher int64) {
	switch {
	case c.Kind != hit.Clickless:
		if c.Click == nil {
			return 0, 0
		}
		return c.Click.OfferID, c.Click.PublisherID
	case c.Token != nil && c.Token.OfferID != 0:
		return c.Token.OfferID, c.NamedPublisher
	default:
		return c.NamedOffer, c.NamedPublisher
	}
}

// LookUp returns the offer and the publisher that must be known before Decide. It
// returns zeros when the decision does not depend on them: the hit is refused, its
// token is unknown, it has no click of its account, or it names no offer.
func (c *Case) LookUp() (offer, publisher int64) {
	if admit(c) != outcome.NoReason || locate(c) != outcome.NoReason {
		return 0, 0
	}
	if offer, publisher = c.Target(); offer == 0 {
		return 0, 0
	}
	return offer, publisher
}

// Decide applies the rules in this order: may this sender report, what is the hit
// about, does it count, what is it worth.
func Decide(c Case) Decision {
	decision := Decision{Outcome: outcome.Rejected}
	if c.Token != nil {
		decision.AccountID = c.Token.AccountID
		decision.TokenID = c.Token.ID
		decision.Route = c.Token.Route()
		decision.Test = c.isTest()
	}
	for _, rule := range []func(*Case) outcome.Reason{admit, locate, testClick, scope, consent, admitParties, window} {
		reason := rule(&c)
		if c.Token != nil {
			decision.OfferID, decision.PublisherID = c.ownTarget()
		}
		if reason != outcome.NoReason {
			decision.Reason = reason
			decision.Outcome = reason.Outcome()
			return decision
		}
	}
	conversion, note, reason := worth(&c)
	decision.Note = note
	if reason != outcome.NoReason {
		decision.Reason = reason
		return decision
	}
	decision.Outcome, decision.Conversion = outcome.Converted, conversion
	return decision
}

// ownTarget is Target, but returns zeros for a click of another account.
func (c *Case) ownTarget() (offer, publisher int64) {
	if c.Click != nil && c.Click.AccountID != c.Token.AccountID {
		return 0, 0
	}
	return c.Target()
}

// Route returns the URL form that the token determines.
func (t Token) Route() Route {
	if t.OfferID != 0 {
		return OfferURL
	}
	return Global
}

// Serves reports whether hits may use this way in with the token.
func (t Token) Serves(way hit.Kind) bool { return t.Purpose == "" || t.Purpose == way }

// admit checks that the door accepted the hit, and that its token is known, valid and
// made for this way in.
func admit(c *Case) outcome.Reason {
	switch {
	case c.Refusal != outcome.NoReason:
		return c.Refusal
	case c.Token == nil:
		return outcome.UnknownToken
	case !c.Token.ValidUntil.IsZero() && c.ReceivedAt.After(c.Token.ValidUntil):
		return outcome.ExpiredToken
	case c.Kind == hit.Pixel && c.DomainAccount != c.Token.AccountID:
		return outcome.WrongDomain
	case !c.Token.Serves(c.Kind):
		return outcome.WrongPurpose
	default:
		return outcome.NoReason
	}
}

// locate checks that the hit has a click of the token's account, if its kind needs a
// click.
func locate(c *Case) outcome.Reason {
	switch {
	case c.Kind == hit.Clickless:
		return outcome.NoReason
	case c.Click == nil && c.ClickDropped:
		return outcome.ClickExpired
	case c.Click == nil && !c.WaitIsOver:
		return outcome.ClickNotYet
	case c.Click == nil:
		return outcome.ClickNeverCame
	case c.Click.AccountID != c.Token.AccountID:
		return outcome.WrongAccount
	default:
		return outcome.NoReason
	}
}

// testClick checks that a test is about the click of a test, and that a hit which is
// marked as a test uses up no other click.
func testClick(c *Case) outcome.Reason {
	if c.isTest() && c.Click != nil && !c.Click.Test {
		return outcome.TestOfRealClick
	}
	return outcome.NoReason
}

// scope checks that the token covers the offer, and that the offer and the publisher
// exist.
func scope(c *Case) outcome.Reason {
	offer, publisher := c.Target()
	named := offer
	if c.Kind == hit.Clickless && c.NamedOffer != 0 {
		named = c.NamedOffer
	}
	switch {
	case offer == 0:
		return outcome.MissingOffer
	case c.Token.OfferID != 0 && c.Token.OfferID != named:
		return outcome.WrongOffer
	case c.Offer == nil || c.Offer.AccountID != c.Token.AccountID:
		return outcome.UnknownOffer
	case publisher == 0:
		return outcome.MissingPublisher
	case c.Publisher == nil || c.Publisher.AccountID != c.Token.AccountID:
		return outcome.UnknownPublisher
	default:
		return outcome.NoReason
	}
}

// admitParties checks that the offer and the publisher are active.
func admitParties(c *Case) outcome.Reason {
	switch {
	case c.Offer.Status == Paused:
		return outcome.OfferPaused
	case c.Publisher.Status == Paused:
		return outcome.PublisherPaused
	default:
		return outcome.NoReason
	}
}

// window checks that the conversion came in time. A click that seems to lie in the
// future, because two machines' clocks differ, is in time.
func window(c *Case) outcome.Reason {
	if c.Click != nil && c.ReceivedAt.Sub(c.Click.ClickedAt) > c.Offer.Window {
		return outcome.OutsideWindow
	}
	return outcome.NoReason
}

// Repeat turns a decision to convert into a duplicate. first is the route of the
// conversion that was recorded first under the same key.
func (d Decision) Repeat(first Route) Decision {
	d.Outcome, d.Reason, d.Conversion = outcome.Duplicate, outcome.DuplicateSameURL, nil
	if first != d.Route {
		d.Reason = outcome.DuplicateOtherURL
	}
	return d
}

// RepeatOrder turns a decision to convert into a duplicate, because the offer has
// unique orders and another conversion has the order.
func (d Decision) RepeatOrder() Decision {
	d.Outcome, d.Reason, d.Conversion = outcome.Duplicate, outcome.DuplicateOrder, nil
	return d
}
