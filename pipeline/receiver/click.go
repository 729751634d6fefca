package receiver

import (
	"strconv"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"integr8/pipeline/hit"
)

// link is a tracking link that was understood.
type link struct {
	in          *request
	offerID     int64
	publisherID int64
	offer       Offer
	// notFound is set when the directory knows no such offer.
	notFound bool
}

// offerUnknown answers a visitor whose link names no offer that there is.
func offerUnknown() answer {
	return answer{status: fasthttp.StatusNotFound, result: NotFound, line: "this offer does not exist"}
}

// click sends a visitor on to the offer's destination, with a new
// transaction_id in it.
func (rc *Receiver) click(v *visit) answer {
	if v.isPrefetch() {
		return prefetched()
	}
	l, wrong := rc.readLink(v)
	if wrong.refusal != "" {
		return refused(wrong.refusal, wrong.subject)
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
		h.TokenDigest = hit.DigestOf(l.in.token)
	}
	found, notes := rc.carry(h, l.in, hit.MaxBytes)
	h.TokenLeaked = l.in.token != "" || found&hit.FoundToken != 0
	receipt := rc.record(h)

	a := answer{status: fasthttp.StatusFound, result: Accepted, location: location, receipt: receipt, note: notes}
	a.tokenLeaked = h.TokenLeaked && rc.options.Directory.KnowsToken(h.TokenDigest)
	if h.Refusal != "" {
		a.status, a.result, a.refusal, a.line = fasthttp.StatusNotFound, NotAvailable, h.Refusal, h.Refusal.Text("")
	}
	if receipt == uuid.Nil {
		a.result = Unrecorded // the visitor is sent on all the same
	}
	return a
}

// peekClick answers HEAD: where the link leads, without a click.
func (rc *Receiver) peekClick(v *visit) answer {
	l, wrong := rc.readLink(v)
	switch {
	case wrong.refusal != "":
		return refused(wrong.refusal, wrong.subject)
	case l.notFound:
		return offerUnknown()
	case rc.paused(l) != "":
		return answer{status: fasthttp.StatusNotFound, result: NotFound, line: rc.paused(l).Text("")}
	}
	location, _ := rc.destination(l, hit.TransactionID{})
	return answer{status: fasthttp.StatusFound, result: NotAVisit, location: location}
}

// readLink reads a tracking link and finds its offer.
func (rc *Receiver) readLink(v *visit) (link, problem) {
	in := rc.readRequest(v, hit.Click)
	l := link{in: in}
	wrong := in.form()
	if wrong.refusal == "" {
		l.offerID, wrong.refusal = hit.NumberIn(in.values, hit.ParamOffer, hit.MissingOffer, hit.InvalidOffer)
	}
	if wrong.refusal == "" {
		l.publisherID, wrong.refusal = hit.NumberIn(in.values, hit.ParamPublisher, hit.MissingPublisher, hit.InvalidPublisher)
	}
	if wrong.refusal != "" {
		return l, wrong
	}
	var known bool
	l.offer, known = rc.options.Directory.Offer(l.offerID)
	l.notFound = !known
	return l, problem{}
}

// paused says which of the two is paused, if any.
func (rc *Receiver) paused(l link) hit.Refusal {
	switch {
	case l.offer.Paused:
		return hit.OfferPaused
	case rc.options.Directory.PublisherPaused(l.offer.AccountID, l.publisherID):
		return hit.PublisherPaused
	}
	return ""
}

// destination fills the offer's macros, for the visitor and for the record. A
// value that holds what has the form of a secure token is left out of both: it
// must not reach the advertiser's logs. One that was imported, of any form, is
// left out of the record only, for what is left out of an answer would tell
// whoever asks which text is somebody's token.
func (rc *Receiver) destination(l link, id hit.TransactionID) (location, recorded string) {
	imported := false
	location = rc.fill(l, id, func(value string) bool {
		if !holdsToken(rc.redactor, value) {
			return false
		}
		shows := holdsToken(hit.Redactor{}, value)
		imported = imported || !shows
		return shows
	})
	if !imported {
		return location, location
	}
	return location, rc.fill(l, id, func(value string) bool { return holdsToken(rc.redactor, value) })
}

func holdsToken(redactor hit.Redactor, text string) bool {
	_, found := redactor.Text(text)
	return found&hit.FoundToken != 0
}

// fill fills the macros with all values but those that are to be left out.
func (rc *Receiver) fill(l link, id hit.TransactionID, leaveOut func(value string) bool) string {
	return hit.FillDestination(l.offer.Destination, func(name string) string {
		switch name {
		case hit.ParamTransactionID:
			if id.IsZero() {
				return ""
			}
			return id.String()
		case hit.ParamOffer:
			return strconv.FormatInt(l.offerID, 10)
		case hit.ParamPublisher:
			return strconv.FormatInt(l.publisherID, 10)
		}
		value := l.in.get(name)
		if value == "" || leaveOut(value) {
			return ""
		}
		return value
	})
}
