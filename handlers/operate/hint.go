package operate

import (
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// HintOf returns the reason's hint with the parts of the request that it is about. The
// request is the hit's JSON; when it holds no hit, HintOf returns the hint of the
// reason alone.
func HintOf(reason outcome.Reason, request []byte) string {
	h, err := hit.Decode(request)
	if err != nil {
		return reason.Hint()
	}
	return attribution.HintFor(reason, attribution.QualifiersOf(h))
}
