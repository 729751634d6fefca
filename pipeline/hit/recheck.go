package hit

import (
	"strings"
	"unicode/utf8"

	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// Stands returns, in one line for an operator, why no replay can change the refusal
// of a hit: its record does not hold all that a new decision needs. It returns an
// empty text for a hit that is not refused, and for one that Recheck decides.
func (h *Hit) Stands() string {
	switch {
	case h.Refusal == "":
		return ""
	case h.Kind == Click:
		return "the visitor was not sent on, and no replay makes a visit of it"
	case h.Kind == Clickless && h.Params[ParamExternalTransactionID] == "" && h.Params[ParamOrderID] == "":
		return "it has no id of its sender's, so that it could not be told from the one that was sent again"
	case h.Refusal.OfValue():
		return ""
	}
	switch h.Refusal {
	case outcome.WrongMethod, outcome.TooLarge, outcome.UnknownPath, outcome.UnknownPixelDomain:
		return "no door took the request, and its sender was told so"
	case outcome.RepeatedParameter:
		return "of the parameter that had two values the record holds only the first"
	case outcome.InvalidText, outcome.ValueTooLong:
		if h.leftOut() {
			return "the record does not hold all parameters that were sent"
		}
		if h.mangled() {
			return "the record holds the token or an id only in mended form"
		}
		return ""
	}
	return "the record does not hold what could not be read"
}

// Recheck checks a refused hit again, with these keys and by today's rules. A hit
// that is still wrong stays refused, possibly for another reason.
func (h *Hit) Recheck(keys token.Keys) {
	if h.Refusal != "" && h.Stands() == "" {
		h.Refusal, _ = h.Check(keys)
	}
}

// leftOut reports whether a parameter that was sent is not in the record, see
// Prune, Shorten and Fit.
func (h *Hit) leftOut() bool {
	for _, note := range h.Notes {
		if strings.Contains(note, otherParameter) {
			return true
		}
	}
	return false
}

// mangled reports whether an id was mended or cut before it was recorded.
func (h *Hit) mangled() bool {
	for name, value := range h.Params {
		if h.Kind.Identifies(name) && (strings.ContainsRune(value, utf8.RuneError) || endsInDigest(value)) {
			return true
		}
	}
	return false
}
