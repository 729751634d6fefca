package attribution

// Target names the offer and the publisher that a case is about; zeros while
// they are unknown.
func (c *Case) Target() (offer, publisher int64) {
	switch {
	case c.Method != ByClickless:
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

// LookUp names the offer and the publisher that must be known before Decide;
// zeros when they are of no matter, because the hit is refused, its token is
// unknown, it has no click of its account, or it names no offer.
func (c *Case) LookUp() (offer, publisher int64) {
	if admit(c) != None || locate(c) != None {
		return 0, 0
	}
	if offer, publisher = c.Target(); offer == 0 {
		return 0, 0
	}
	return offer, publisher
}

// Decide applies the rules in the order in which a person would ask: may this
// sender speak, what is it about, does it count, what is it worth.
func Decide(c Case) Decision {
	decision := Decision{Outcome: Rejected}
	if c.Token != nil {
		decision.AccountID = c.Token.AccountID
		decision.TokenID = c.Token.ID
		decision.Route = c.Token.Route()
	}
	for _, rule := range []func(*Case) Reason{admit, locate, scope, consent, admitParties, window} {
		reason := rule(&c)
		if c.Token != nil {
			decision.OfferID, decision.PublisherID = c.ownTarget()
		}
		if reason != None {
			decision.Reason = reason
			decision.Outcome = reason.Outcome()
			return decision
		}
	}
	conversion, note, reason := worth(&c)
	decision.Note = note
	if reason != None {
		decision.Reason = reason
		return decision
	}
	decision.Outcome, decision.Conversion = Converted, conversion
	return decision
}

// ownTarget is Target, but tells nothing of another account's click.
func (c *Case) ownTarget() (offer, publisher int64) {
	if c.Click != nil && c.Click.AccountID != c.Token.AccountID {
		return 0, 0
	}
	return c.Target()
}

// Route is the URL form that the token makes.
func (t Token) Route() Route {
	if t.OfferID != 0 {
		return OfferURL
	}
	return Global
}

// Serves reports whether a hit may come this way with the token.
func (t Token) Serves(way Method) bool { return t.Purpose == "" || t.Purpose == way }

// admit asks whether the sender may speak at all.
func admit(c *Case) Reason {
	switch {
	case c.Refusal != None:
		return c.Refusal
	case c.Token == nil:
		return UnknownToken
	case !c.Token.ValidUntil.IsZero() && c.ReceivedAt.After(c.Token.ValidUntil):
		return ExpiredToken
	case c.Method == ByPixel && c.DomainAccount != c.Token.AccountID:
		return WrongDomain
	case !c.Token.Serves(c.Method):
		return WrongPurpose
	default:
		return None
	}
}

// locate asks which click the hit is about.
func locate(c *Case) Reason {
	switch {
	case c.Method == ByClickless:
		return None
	case c.Click == nil && c.ClickDropped:
		return ClickExpired
	case c.Click == nil && !c.WaitIsOver:
		return ClickNotYet
	case c.Click == nil:
		return ClickNeverCame
	case c.Click.AccountID != c.Token.AccountID:
		return WrongAccount
	default:
		return None
	}
}

// scope asks whether the token reaches the offer.
func scope(c *Case) Reason {
	offer, publisher := c.Target()
	named := offer
	if c.Method == ByClickless && c.NamedOffer != 0 {
		named = c.NamedOffer
	}
	switch {
	case offer == 0:
		return MissingOffer
	case c.Token.OfferID != 0 && c.Token.OfferID != named:
		return WrongOffer
	case c.Offer == nil || c.Offer.AccountID != c.Token.AccountID:
		return UnknownOffer
	case publisher == 0:
		return MissingPublisher
	case c.Publisher == nil || c.Publisher.AccountID != c.Token.AccountID:
		return UnknownPublisher
	default:
		return None
	}
}

// admitParties asks whether the offer and the publisher take part.
func admitParties(c *Case) Reason {
	switch {
	case c.Offer.Status == Paused:
		return OfferPaused
	case c.Publisher.Status == Paused:
		return PublisherPaused
	default:
		return None
	}
}

// window asks whether the conversion came in time. A click that seems to lie
// in the future, because two machines' clocks differ, is in time.
func window(c *Case) Reason {
	if c.Click != nil && c.ReceivedAt.Sub(c.Click.ClickedAt) > c.Offer.Window {
		return OutsideWindow
	}
	return None
}

// Repeat turns a decision to convert into the duplicate that it is, given the
// route of the conversion that was recorded first under the same key.
func (d Decision) Repeat(first Route) Decision {
	d.Outcome, d.Reason, d.Conversion = Duplicate, DuplicateSameURL, nil
	if first != d.Route {
		d.Reason = DuplicateOtherURL
	}
	return d
}

// RepeatOrder turns a decision to convert into the duplicate that it is because
// the offer has unique orders and another conversion has the order.
func (d Decision) RepeatOrder() Decision {
	d.Outcome, d.Reason, d.Conversion = Duplicate, DuplicateOrder, nil
	return d
}
