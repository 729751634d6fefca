package receiver

import (
	"strconv"

	"github.com/valyala/fasthttp"

	"integr8/pipeline/hit"
	"integr8/pipeline/link"
	"integr8/pipeline/outcome"
	"integr8/pipeline/redact"
	"integr8/pipeline/token"
)

// trackingLink is a parsed tracking link.
type trackingLink struct {
	in          *request
	offerID     int64
	publisherID int64
	offer       Offer
	// notFound is set when the directory knows no such offer.
	notFound bool
}

// offerUnknown returns the response to a link whose offer does not exist.
func offerUnknown() answer {
	return answer{status: fasthttp.StatusNotFound, result: NotFound, line: "this offer does not exist"}
}

// click redirects a visitor to the offer's destination, with a new
// transaction_id in it.
func (rc *Receiver) click(v *visit) answer {
	if v.isPrefetch() {
		return prefetched()
	}
	l, wrong := rc.readLink(v)
	if wrong.refusal != "" {
		return wrong.answer()
	}
	if l.notFound {
		return offerUnknown()
	}
	h := rc.newHit(v, hit.Click, originOf(v, rc.options.TrustedProxies))
	h.AccountID, h.OfferID, h.PublisherID = l.offer.AccountID, l.offerID, l.publisherID
	h.TransactionID = rc.options.Keys.Mint(h.ReceivedAt)

	location := ""
	h.Refusal = rc.paused(l)
	if h.Refusal == "" {
		location, h.Destination = rc.destination(l, h.TransactionID)
	}
	if l.in.token != "" {
		h.TokenDigest = token.DigestOf(l.in.token)
	}
	found, notes := rc.carry(h, l.in, hit.MaxBytes)
	h.TokenLeaked = l.in.token != "" || found&redact.FoundToken != 0
	receipt, err := rc.record(h)

	a := answer{status: fasthttp.StatusFound, result: Accepted, location: location, receipt: receipt, note: notes, test: h.TestAccount != 0}
	a.tokenLeaked = h.TokenLeaked && rc.options.Directory.KnowsToken(h.TokenDigest)
	if h.Refusal != "" {
		a.status, a.result, a.refusal, a.line = fasthttp.StatusNotFound, NotAvailable, h.Refusal, h.Refusal.SenderText("")
	}
	if err != nil {
		a.result = Unrecorded // the visitor is sent on all the same
	}
	return a
}

// peekClick responds to HEAD with the redirect, without recording a click.
func (rc *Receiver) peekClick(v *visit) answer {
	l, wrong := rc.readLink(v)
	switch {
	case wrong.refusal != "":
		return wrong.answer()
	case l.notFound:
		return offerUnknown()
	}
	test := l.in.test.accountOf(&hit.Hit{Kind: hit.Click, AccountID: l.offer.AccountID, OfferID: l.offerID}) != 0
	if reason := rc.paused(l); reason != "" {
		return answer{status: fasthttp.StatusNotFound, result: NotFound, line: reason.SenderText(""), test: test}
	}
	location, _ := rc.destination(l, token.TransactionID{})
	return answer{status: fasthttp.StatusFound, result: NotAVisit, location: location, test: test}
}

// readLink reads a tracking link and finds its offer.
func (rc *Receiver) readLink(v *visit) (trackingLink, problem) {
	in := rc.readRequest(v, hit.Click)
	l := trackingLink{in: in}
	wrong := in.form()
	if wrong.refusal == "" {
		l.offerID, wrong.refusal = hit.NumberIn(in.values, hit.ParamOffer, outcome.MissingOffer, outcome.InvalidOffer)
	}
	if wrong.refusal == "" {
		l.publisherID, wrong.refusal = hit.NumberIn(in.values, hit.ParamPublisher, outcome.MissingPublisher, outcome.InvalidPublisher)
	}
	if wrong.refusal != "" {
		return l, wrong
	}
	var known bool
	l.offer, known = rc.options.Directory.Offer(l.offerID)
	l.notFound = !known
	return l, problem{}
}

// paused returns the reason when the offer or the publisher is paused, else "".
func (rc *Receiver) paused(l trackingLink) outcome.Reason {
	switch {
	case l.offer.Paused:
		return outcome.OfferPaused
	case rc.options.Directory.PublisherPaused(l.offer.AccountID, l.publisherID):
		return outcome.PublisherPaused
	}
	return ""
}

// destination fills the offer's macros, for the visitor and for the record. It leaves a
// value with a text in the form of a secure token out of both, because it
// must not reach the advertiser's logs. It leaves a value with an imported token, which
// may have any form, out of the record only: if the redirect lacked the value, a
// stranger could find out which texts are tokens.
func (rc *Receiver) destination(l trackingLink, id token.TransactionID) (location, recorded string) {
	imported := false
	location = rc.fill(l, id, func(value string) bool {
		if !holdsToken(rc.redactor, value) {
			return false
		}
		shows := holdsToken(redact.Redactor{}, value)
		imported = imported || !shows
		return shows
	})
	if !imported {
		return location, location
	}
	return location, rc.fill(l, id, func(value string) bool { return holdsToken(rc.redactor, value) })
}

func holdsToken(redactor redact.Redactor, text string) bool {
	_, found := redactor.Text(text)
	return found&redact.FoundToken != 0
}

// fill fills the macros, those from the link with all values for which leaveOut returns
// false.
func (rc *Receiver) fill(l trackingLink, id token.TransactionID, leaveOut func(value string) bool) string {
	return link.Fill(l.offer.Destination, func(name string, from link.Source) string {
		if from == link.FromDoor {
			return l.ofDoor(name, id)
		}
		value := l.in.get(name)
		if value == "" || leaveOut(value) {
			return ""
		}
		return value
	})
}

// ofDoor returns the value of a macro that is link.FromDoor.
func (l trackingLink) ofDoor(name string, id token.TransactionID) string {
	switch name {
	case hit.ParamTransactionID:
		if !id.IsZero() {
			return id.String()
		}
	case hit.ParamOffer:
		return strconv.FormatInt(l.offerID, 10)
	case hit.ParamPublisher:
		return strconv.FormatInt(l.publisherID, 10)
	}
	return ""
}
