package hit

import (
	"slices"
	"strings"
)

// Decides reports whether a parameter can decide what the hit is worth or whether
// it counts as the same. KeepValue never cuts the value of one into another value.
func (h *Hit) Decides(name string) bool { return h.decidingBytes(name) > 0 }

// KeepValue returns the form in which a value without secrets is recorded, and
// notes on the hit where that is not the value itself. A value that decides is
// kept whole or by its digest, see whole; where that hides a refusal that was sent, the
// refusal is kept. Any other value is cut to limit bytes. The door has noted by itself
// that a value is cut which was sent with more than limit bytes.
func (h *Hit) KeepValue(name, sent, clean string, limit int) string {
	if bound := h.decidingBytes(name); bound > 0 {
		kept := whole(clean, bound)
		if refusal, hidden := hiddenRefusal(name, sent, kept); hidden {
			h.Note(nameOf(name) + " was cut to what denies the conversion")
			return refusal
		}
		if kept != clean {
			h.Note(nameOf(name) + keptByDigest)
		}
		return kept
	}
	if len(clean) > limit {
		clean = Cut(clean, limit)
		if len(sent) <= limit {
			h.Note(nameOf(name) + " was cut")
		}
	}
	return clean
}

// hiddenRefusal returns the refusal in a value as sent that is not in its kept form: of an
// approval, or of a parameter outside the family. Any other name of the family refuses by
// each word that nobody understands.
func hiddenRefusal(name, sent, kept string) (refusal string, hidden bool) {
	if sent == kept {
		return "", false // nearly every value
	}
	find := Denial
	switch QualifierOf(name) {
	case NoQualifier:
	case ApprovalQualifier:
		find = func(_, value string) (string, bool) { return ApprovalRefusal(value) }
	default:
		return "", false
	}
	if refusal, hidden = find(name, sent); !hidden {
		return "", false
	}
	if still, _ := find(name, kept); still == refusal {
		return "", false
	}
	// A part of an event's name may be anything, also a secret that was taken out.
	if !TakesBack(name, refusal) && slices.ContainsFunc(strings.Split(refusal, ","), func(word string) bool { return !refusesPlainly(word) }) {
		refusal = FurtherDenials
	}
	return refusal, true
}

// IsKeptAsIs is a fast path. It reports that KeepValue returns the value of any
// known parameter as it is, where the value is printable ASCII without a backslash
// and not longer than the limit. False means that nothing is known.
func IsKeptAsIs(value string) bool {
	return len(value) <= maxDecidingBytes && !strings.HasSuffix(value, "]") && strings.IndexByte(value, '"') < 0
}

// nameOf returns the name of a parameter where it is ours to repeat.
func nameOf(name string) string {
	if KnownParam(name) {
		return name
	}
	return "another parameter"
}
