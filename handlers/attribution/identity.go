package attribution

import "time"

// Identity holds an offer's rules that decide which hits are the same conversion. The
// rules are dated, and a click keeps those that were in force when it was made. So a
// dedup key stays valid through all later edits, and no setting makes a conversion
// count a second time.
type Identity struct {
	// ManyPerClick lets one click convert once per order_id, which is then
	// required.
	ManyPerClick bool
}

// LaterIdentity replaces an offer's rules for clicks made at Since or later.
type LaterIdentity struct {
	Since time.Time
	Identity
}

// IdentityAt returns the rules that are in force at that time. They are certain when
// KnowsIdentityAt reports true.
func (o *Offer) IdentityAt(at time.Time) Identity {
	rules := o.Identity
	for _, later := range o.Later {
		if at.Before(later.Since) {
			break
		}
		rules = later.Identity
	}
	return rules
}

// NewestIdentity returns the rules that were set last. They may not be in force yet.
func (o *Offer) NewestIdentity() Identity {
	if len(o.Later) == 0 {
		return o.Identity
	}
	return o.Later[len(o.Later)-1].Identity
}

// KnowsIdentityAt reports whether IdentityAt is certain for that time: no edit that is
// missing in this copy of the offer can be in force then.
func (o *Offer) KnowsIdentityAt(at time.Time) bool { return at.Before(o.KnownUntil) }

// IdentityTime returns the time whose rules of identity apply to the case: that of its
// click, or, without a click, the time at which the hit was received.
func (c *Case) IdentityTime() time.Time {
	if c.Click != nil {
		return c.Click.RulesAt
	}
	return c.ReceivedAt
}

func (c *Case) identity() Identity { return c.Offer.IdentityAt(c.IdentityTime()) }
