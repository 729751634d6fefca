package hit

import (
	"iter"
	"slices"
	"strings"
)

// FurtherDenials stands, in what is kept of a parameter, for all that denies the
// conversion and does not fit. It holds the hit of every kind of qualifier, whatever its
// offer accepts: it is longer than a base word may be.
const FurtherDenials = "further texts that deny the conversion and are too many or too long to keep"

// Denies reports whether the value of a parameter outside the family plainly denies
// the conversion, by steps 2 and 3 of the rule in vocabulary.go: by a refusal, which is
// the whole value or an element of a list by commas, or by a negative amount, see
// TakesBack. Of the parameters of the contract only a negative revenue or payout does.
func Denies(name, value string) bool {
	if TakesBack(name, value) {
		return true
	}
	for range denials(name, value) {
		return true
	}
	return false
}

// Denial returns all that denies the conversion in the value of a parameter outside the
// family, and nothing else of the value, so that nothing beside it hides it: see Denies.
// It returns a negative amount alone, because no offer accepts one, and else the refusals by
// commas, each once. What it returns is kept as it is. It ends with FurtherDenials where
// not all of them fit.
func Denial(name, value string) (said string, denied bool) {
	if amount, negative := negativeAmount(name, value); negative {
		return amount, true
	}
	var refusals []string
	room, all := maxQualifierValueBytes, true
	for refusal := range denials(name, value) {
		if slices.ContainsFunc(refusals, func(r string) bool { return strings.EqualFold(r, refusal) }) {
			continue
		}
		if room -= escapedBytes(refusal) + len(","); refusal == FurtherDenials || room < -len(",") {
			all = false
			break
		}
		refusals = append(refusals, refusal)
	}
	if all {
		return strings.Join(refusals, ","), len(refusals) > 0
	}
	return withFurther(refusals), true
}

// withFurther returns as many of the refusals as fit beside FurtherDenials, and it.
func withFurther(refusals []string) string {
	for ; len(refusals) > 0; refusals = refusals[:len(refusals)-1] {
		if said := strings.Join(refusals, ",") + "," + FurtherDenials; escapedBytes(said) <= maxQualifierValueBytes {
			return said
		}
	}
	return FurtherDenials
}

// denials returns the refusals in the value of a parameter outside the family: each element
// by commas that is one by the reading of its name.
func denials(name, value string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if KnownParam(name) {
			return
		}
		how, known := unread, false
		for element := range strings.SplitSeq(value, ",") {
			element = Trim(element)
			verdict := verdictOf(element)
			if element == FurtherDenials {
				verdict = refuses
			}
			if verdict < undecided && !strings.ContainsAny(element, partMarks) {
				continue
			}
			if !known {
				how, known = readingOf(name), true
			}
			denies := false
			switch how {
			case unread:
				return
			case forRefuse:
				denies = verdict == refuses
			case forDoubt:
				denies = verdict >= undecided
			case forParts:
				denies = verdict >= undecided || hasRefusingPart(element)
			}
			if denies && !yield(element) {
				return
			}
		}
	}
}
