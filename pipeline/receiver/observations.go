package receiver

import (
	"slices"

	"github.com/valyala/fasthttp"

	"integr8/pipeline/hit"
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
			Observation{Kind: kind, Result: Unacceptable, Refusal: hit.WrongMethod, Status: fasthttp.StatusMethodNotAllowed},
			Observation{Kind: kind, Result: Unacceptable, Refusal: hit.TooLarge, Status: fasthttp.StatusRequestURITooLong},
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

// observationsWithoutKind are those of requests that came to no door.
func observationsWithoutKind() []Observation {
	all := []Observation{
		{Result: NotFound, Refusal: hit.UnknownPath, Status: fasthttp.StatusNotFound},
		{Result: Unacceptable, Status: fasthttp.StatusBadRequest},
		{Result: Unacceptable, Status: fasthttp.StatusRequestTimeout},
		{Result: TooMany, Status: fasthttp.StatusTooManyRequests},
		{Result: Overloaded, Status: fasthttp.StatusServiceUnavailable},
		{Result: Panicked, Status: fasthttp.StatusInternalServerError},
	}
	for _, status := range []int{
		fasthttp.StatusRequestEntityTooLarge, fasthttp.StatusRequestURITooLong, fasthttp.StatusRequestHeaderFieldsTooLarge,
	} {
		all = append(all, Observation{Result: Unacceptable, Refusal: hit.TooLarge, Status: status})
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
		{Kind: kind, Result: Unacceptable, Refusal: hit.TooLarge, Status: fasthttp.StatusRequestEntityTooLarge},
	}
	if kind == hit.Pixel {
		all = append(all, Observation{Kind: kind, Result: NotFound, Refusal: hit.UnknownPixelDomain, Status: fasthttp.StatusNotFound})
	}
	return all
}

// pauses are answered 404, and turnedAway 405, 413, 414, or 404.
var (
	pauses     = []hit.Refusal{hit.OfferPaused, hit.PublisherPaused}
	turnedAway = []hit.Refusal{hit.WrongMethod, hit.TooLarge, hit.UnknownPath, hit.UnknownPixelDomain}
)

// refusalsOf are the refusals of requests that are answered 400. A tracking link
// is refused only where its offer or its publisher cannot be read.
func refusalsOf(kind hit.Kind) []hit.Refusal {
	if kind == hit.Click {
		return []hit.Refusal{hit.MissingOffer, hit.InvalidOffer, hit.MissingPublisher, hit.InvalidPublisher,
			hit.RepeatedParameter, hit.MalformedRequest, hit.InvalidText, hit.ValueTooLong}
	}
	return slices.DeleteFunc(hit.Refusals(), func(r hit.Refusal) bool {
		return slices.Contains(pauses, r) || slices.Contains(turnedAway, r)
	})
}

// JunkObservation is what ObserveJunk is called with.
type JunkObservation struct {
	What    Junk
	Refusal hit.Refusal
}

// JunkObservations returns every combination that ObserveJunk can be called with.
func JunkObservations() []JunkObservation {
	all := []JunkObservation{{What: Surplus}}
	for _, refusal := range append(refusalsOf(hit.Postback), turnedAway...) {
		all = append(all, JunkObservation{OverQuota, refusal}, JunkObservation{NotTaken, refusal})
	}
	return all
}
