package hit

import (
	"strings"
	"unicode/utf8"
)

// Stands says, in one line for an operator, why the refusal of a hit stands
// whatever is mended and however often it is replayed: its record does not hold
// what is needed to decide anew. It is empty for a hit that is not refused, and
// for one that Recheck looks at.
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
	case WrongMethod, TooLarge, UnknownPath, UnknownPixelDomain:
		return "no door took the request, and its sender was told so"
	case RepeatedParameter:
		return "of the parameter that had two values the record holds only the first"
	case InvalidText, ValueTooLong:
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

// Recheck looks anew at a refused hit, with these keys and by the rules of now.
// What is still wrong stays refused, possibly for another reason.
func (k Keys) Recheck(h *Hit) {
	if h.Refusal != "" && h.Stands() == "" {
		h.Refusal, _ = k.Check(h)
	}
}

// otherParameter begins what the notes say of parameters that are not named.
const otherParameter = " other parameter"

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
