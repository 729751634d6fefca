package receiver

import (
	"slices"

	"github.com/valyala/fasthttp"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Observations returns every combination of Kind, Result, Refusal and Status that
// an Observation can have, so that a metric exports each from the start.
func Observations() []Observation {
	all := observationsWithoutKind()
	for _, kind := range []hit.Kind{hit.Click, hit.Postback, hit.Pixel, hit.Clickless} {
		all = append(all,
			Observation{Kind: kind, Result: NotAVisit, Status: fasthttp.StatusNoContent}, // a prefetch
			Observation{Kind: kind, Result: TooMany, Status: fasthttp.StatusTooManyRequests},
			Observation{Kind: kind, Result: Overloaded, Status: fasthttp.StatusServiceUnavailable},
			Observation{Kind: kind, Result: Panicked, Status: fasthttp.StatusInternalServerError},
			Observation{Kind: kind, Result: Unacceptable, Refusal: outcome.WrongMethod, Status: fasthttp.StatusMethodNotAllowed},
			Observation{Kind: kind, Result: Unacceptable, Refusal: outcome.TooLarge, Status: fasthttp.StatusRequestURITooLong},
			Observation{Kind: kind, Result: Unacceptable, Refusal: outcome.TooLarge, Status: fasthttp.StatusRequestHeaderFieldsTooLarge},
		)
		for _, refusal := range refusalsOf(kind) {
			all = append(all, Observation{Kind: kind, Result: Refused, Refusal: refusal, Status: fasthttp.StatusBadRequest})
		}
		if kind == hit.Click {
			all = append(all, clickObservations()...)
		} else {
			all = append(all, conversionObservations(kind)...)
		}
	}
	return all
}

// observationsWithoutKind returns the observations of requests that matched no door.
func observationsWithoutKind() []Observation {
	all := []Observation{
		{Result: NotFound, Refusal: outcome.UnknownPath, Status: fasthttp.StatusNotFound},
		{Result: Unacceptable, Status: fasthttp.StatusBadRequest},
		{Result: Unacceptable, Status: fasthttp.StatusRequestTimeout},
		{Result: TooMany, Status: fasthttp.StatusTooManyRequests},
		{Result: Overloaded, Status: fasthttp.StatusServiceUnavailable},
		{Result: Panicked, Status: fasthttp.StatusInternalServerError},
	}
	for _, status := range []int{
		fasthttp.StatusRequestEntityTooLarge, fasthttp.StatusRequestURITooLong, fasthttp.StatusRequestHeaderFieldsTooLarge,
	} {
		all = append(all, Observation{Result: Unacceptable, Refusal: outcome.TooLarge, Status: status})
	}
	return all
}

func clickObservations() []Observation {
	all := []Observation{
		{Kind: hit.Click, Result: Accepted, Status: fasthttp.StatusFound},
		{Kind: hit.Click, Result: Unrecorded, Status: fasthttp.StatusFound},
		{Kind: hit.Click, Result: NotAVisit, Status: fasthttp.StatusFound}, // HEAD
		{Kind: hit.Click, Result: NotFound, Status: fasthttp.StatusNotFound},
	}
	for _, paused := range pauses {
		all = append(all,
			Observation{Kind: hit.Click, Result: NotAvailable, Refusal: paused, Status: fasthttp.StatusNotFound},
			Observation{Kind: hit.Click, Result: Unrecorded, Refusal: paused, Status: fasthttp.StatusNotFound},
		)
	}
	return all
}

func conversionObservations(kind hit.Kind) []Observation {
	all := []Observation{
		{Kind: kind, Result: Accepted, Status: fasthttp.StatusOK},
		{Kind: kind, Result: Unavailable, Status: fasthttp.StatusServiceUnavailable},
		{Kind: kind, Result: NotAVisit, Status: fasthttp.StatusOK}, // HEAD
		{Kind: kind, Result: ByBot, Status: fasthttp.StatusForbidden},
		{Kind: kind, Result: Unacceptable, Refusal: outcome.TooLarge, Status: fasthttp.StatusRequestEntityTooLarge},
	}
	if kind == hit.Pixel {
		all = append(all, Observation{Kind: kind, Result: NotFound, Refusal: outcome.UnknownPixelDomain, Status: fasthttp.StatusNotFound})
	}
	return all
}

// A request with a reason in pauses gets 404, one in turnedAway 405, 413, 414 or 404.
var (
	pauses     = []outcome.Reason{outcome.OfferPaused, outcome.PublisherPaused}
	turnedAway = []outcome.Reason{outcome.WrongMethod, outcome.TooLarge, outcome.UnknownPath, outcome.UnknownPixelDomain}
)

// refusalsOf returns the refusals of requests that get 400. A tracking link
// is refused only when its offer or its publisher cannot be read.
func refusalsOf(kind hit.Kind) []outcome.Reason {
	if kind == hit.Click {
		return []outcome.Reason{outcome.MissingOffer, outcome.InvalidOffer, outcome.MissingPublisher, outcome.InvalidPublisher,
			outcome.RepeatedParameter, outcome.MalformedRequest, outcome.InvalidText, outcome.ValueTooLong}
	}
	return slices.DeleteFunc(outcome.RaisedBy(outcome.Door), func(r outcome.Reason) bool {
		return slices.Contains(pauses, r) || slices.Contains(turnedAway, r)
	})
}

// JunkObservation holds the arguments of a call of ObserveJunk.
type JunkObservation struct {
	What    Junk
	Refusal outcome.Reason
}

// JunkObservations returns every combination that ObserveJunk can be called with.
func JunkObservations() []JunkObservation {
	all := []JunkObservation{{What: Surplus}}
	for _, refusal := range append(refusalsOf(hit.Postback), turnedAway...) {
		all = append(all, JunkObservation{OverQuota, refusal}, JunkObservation{NotTaken, refusal})
	}
	return all
}
