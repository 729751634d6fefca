package hit

import (
	"slices"
	"strings"
)

// plainRefusal are the words that say of an approval that there is none, as a
// placeholder does. Others may be a time, an amount or an address of the same name.
var plainRefusal = []string{"0", "false", "no", "n", "none", "off", "rejected", "declined", "refused", "denied", "failed", "pending", "cancelled", "canceled", "refunded"}

// RefusesApproval reports whether a word, as the value of an ApprovalQualifier, says that
// the conversion does not stand.
func RefusesApproval(word string) bool {
	return refusesPlainly(word) || word == FurtherDenials || IsPlaceholderKey(word)
}

func refusesPlainly(word string) bool {
	return slices.ContainsFunc(plainRefusal, func(refusal string) bool { return strings.EqualFold(refusal, word) }) || IsRefusal(word)
}

// ApprovalRefusal returns what in the value of an ApprovalQualifier refuses it, which is an
// element of a list by commas, in a form that is kept as it is. For a placeholder, which
// may hold anything, it returns FurtherDenials, and also for a list of more elements that
// may be placeholders than it reads: each costs up to 10 µs.
func ApprovalRefusal(value string) (said string, refused bool) {
	const most = 64
	doubtful := 0
	for word := range strings.SplitSeq(value, ",") {
		if word = Trim(word); refusesPlainly(word) {
			return word, true
		}
		if word == "" || isPlainKey(word) {
			continue
		}
		if doubtful++; doubtful > most || RefusesApproval(word) {
			return FurtherDenials, true
		}
	}
	return "", false
}
