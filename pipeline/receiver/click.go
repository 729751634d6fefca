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

// offerUnknownLine is what a visitor reads whose link names no offer.
const offerUnknownLine = "this offer does not exist"

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
		return notFound(offerUnknownLine)
	}
	h := rc.newHit(v, hit.Click, originOf(v, rc.options.TrustedProxies))
	h.AccountID, h.OfferID, h.PublisherID = l.offer.AccountID, l.offerID, l.publisherID
	h.TransactionID = rc.options.Keys.Mint(h.ReceivedAt)

	location := ""
	h.Refusal = rc.paused(l)
	if h.Refusal == "" {
		location = rc.destination(l, h.TransactionID)
		h.Destination = location
	}
	h.TokenLeaked = rc.carry(h, l.in)&hit.FoundToken != 0
	receipt := rc.record(h)

	a := answer{status: fasthttp.StatusFound, result: Accepted, location: location, receipt: receipt, tokenLeaked: h.TokenLeaked}
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
		return notFound(offerUnknownLine)
	case rc.paused(l) != "":
		return notFound(rc.paused(l).Text(""))
	}
	return answer{status: fasthttp.StatusFound, result: NotAVisit, location: rc.destination(l, hit.TransactionID{})}
}

// readLink reads a tracking link and finds its offer.
func (rc *Receiver) readLink(v *visit) (link, problem) {
	in, _ := rc.readRequest(v) // faults are those of a body, and GET has none
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

// destination fills the offer's macros. A value that holds a secure token is
// left out: it must not reach the advertiser's logs.
func (rc *Receiver) destination(l link, id hit.TransactionID) string {
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
		if _, found := rc.redactor.Text(value); found&hit.FoundToken != 0 {
			return ""
		}
		return value
	})
}
