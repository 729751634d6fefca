package attribution

import (
	"encoding/binary"
	"time"

	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// The marks of an entry. Those of offers and of tokens are of their own.
const (
	markPaused byte = 1 << iota
	markPercentPayout
	markPercentRevenue
	markOwnAmounts
	markManyPerClick
	markCeiling
	markMore // rules that most offers do not have
)

const (
	markImported byte = 1 << iota
	markExpires
)

func mark(to *byte, is bool, mark byte) {
	if is {
		*to |= mark
	}
}

func statusOf(marks byte) Status {
	if marks&markPaused != 0 {
		return Paused
	}
	return Active
}

func appendOffer(to []byte, o *Offer) []byte {
	more := len(o.Later) > 0 || len(o.Consent.Words) > 0 || len(o.Consent.Ignored) > 0 || o.Overrides.Len() > 0
	var marks byte
	mark(&marks, o.Status == Paused, markPaused)
	mark(&marks, o.Payout.Percent, markPercentPayout)
	mark(&marks, o.Revenue.Percent, markPercentRevenue)
	mark(&marks, o.OwnAmounts, markOwnAmounts)
	mark(&marks, o.Identity.ManyPerClick, markManyPerClick)
	mark(&marks, o.Ceiling != nil, markCeiling)
	mark(&marks, more, markMore)
	to = appendID(appendID(append(to, marks), o.AccountID), o.AdvertiserID)
	to = appendText(appendText(appendText(to, o.Name), o.Destination), o.Currency)
	to = appendAmount(appendAmount(to, o.Payout.Amount), o.Revenue.Amount)
	to = binary.AppendUvarint(to, uint64(o.Window/time.Second))
	if o.Ceiling != nil {
		to = appendAmount(to, *o.Ceiling)
	}
	if !more {
		return to
	}
	to = binary.AppendUvarint(to, uint64(len(o.Later)))
	for _, later := range o.Later {
		var rules byte
		mark(&rules, later.ManyPerClick, markManyPerClick)
		to = append(appendTime(to, later.Since), rules)
	}
	to = appendTexts(appendTexts(to, o.Consent.Words), o.Consent.Ignored)
	return appendText(to, o.Overrides.packed)
}

func (u *unpacker) offer(id int64) Offer {
	marks := u.byte()
	o := Offer{
		ID: id, Status: statusOf(marks), OwnAmounts: marks&markOwnAmounts != 0, Identity: Identity{ManyPerClick: marks&markManyPerClick != 0},
		AccountID: u.id(), AdvertiserID: u.id(), Name: u.text(), Destination: u.text(), Currency: u.text(),
		Payout:  Money{Amount: u.amount(), Percent: marks&markPercentPayout != 0},
		Revenue: Money{Amount: u.amount(), Percent: marks&markPercentRevenue != 0},
		Window:  time.Duration(u.uint()) * time.Second,
	}
	if marks&markCeiling != 0 {
		o.Ceiling = new(u.amount())
	}
	if marks&markMore == 0 {
		return o
	}
	for n := u.uint(); n > 0 && !u.bad; n-- {
		since, rules := u.time(), u.byte()
		o.Later = append(o.Later, LaterIdentity{Since: since, Identity: Identity{ManyPerClick: rules&markManyPerClick != 0}})
	}
	o.Consent = Consent{Words: u.texts(), Ignored: u.texts()}
	o.Overrides = Overrides{u.text()}
	return o
}

func appendToken(to []byte, t *Token, imported bool) []byte {
	var marks byte
	mark(&marks, imported, markImported)
	mark(&marks, !t.ValidUntil.IsZero(), markExpires)
	to = appendText(appendID(appendID(appendID(append(to, marks), t.ID), t.AccountID), t.OfferID), string(t.Purpose))
	if t.ValidUntil.IsZero() {
		return to
	}
	return appendTime(to, t.ValidUntil)
}

func (u *unpacker) token() Token {
	marks := u.byte()
	t := Token{ID: u.id(), AccountID: u.id(), OfferID: u.id(), Purpose: hit.Kind(u.text())}
	if marks&markExpires != 0 {
		t.ValidUntil = u.time()
	}
	return t
}

// isImported reports whether the value of a token, or no value, is that of an imported
// token.
func isImported(value string) bool { return value != "" && value[0]&markImported != 0 }

func appendPublisher(to []byte, p *Publisher) []byte {
	var marks byte
	mark(&marks, p.Status == Paused, markPaused)
	return appendText(append(to, marks), p.Name)
}

func (u *unpacker) publisher(account, id int64) Publisher {
	return Publisher{ID: id, AccountID: account, Status: statusOf(u.byte()), Name: u.text()}
}

func (u *unpacker) domain(id int64) Domain {
	return Domain{ID: id, AccountID: u.id(), Host: u.text()}
}

// The keys. They lie in an array of the caller, so that a look-up allocates nothing.

func appendPartyKey(to []byte, account, id int64) []byte { return appendID(appendID(to, account), id) }

// valid reports whether an entry can be read.
func (k kind) valid(e entry) bool {
	key, value := unpacker{rest: e.key}, unpacker{rest: e.value}
	switch k {
	case offers:
		offer := value.offer(key.id())
		value.bad = value.bad || !offer.Overrides.valid()
	case publishers:
		value.publisher(key.id(), key.id())
	case tokens:
		value.token()
		key.bad, key.rest = len(e.key) != len(token.Digest{}), ""
	default:
		value.domain(key.id())
	}
	return !key.bad && key.rest == "" && !value.bad && value.rest == ""
}
