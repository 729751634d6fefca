package hit

import (
	"strings"

	"integr8/pipeline/ascii"
)

// verdict is what a text says of a conversion.
type verdict uint8

const (
	noVerdict verdict = iota
	// absolves means that it denies a refusal: not_refunded, no chargeback.
	absolves
	// undecided means that the conversion does not stand, in a word that is ordinary
	// elsewhere: pending, failed, cancel.
	undecided
	// refuses means a refusal in any place: refunded, order_cancelled, not approved.
	refuses
)

// meaning is what a word does in a text.
type meaning uint8

const (
	filler meaning = iota + 1 // for what the text is about, or how it came to be
	refusing
	doubting
	consenting // refuses behind a not
	negating
)

var meanings = func() map[string]meaning {
	words := map[string]meaning{}
	for meaning, list := range map[meaning]string{
		filler: "order orders payment payments sale sales lead leads transaction transactions conversion conversions charge charged capture " +
			"commission payout purchase event status state type reason result on is was were been has have be by the full fully partial partially " +
			"request requested issued created updated received detected suspected initiated processed done yet new auto automatic automatically " +
			"amount money card credit customer client user buyer seller admin advertiser merchant due to for of from after item items product " +
			"products review in under subscription invoice checkout booking reservation deal application deposit contract completed complete",
		refusing: "rejected reject rejects rejection refund refunds refunded refunding chargeback chargebacks chargedback cancelled canceled cancellation " +
			"cancelation declined fraud fraudulent returned void voided reversed reversal reversals disputed dispute disputes disapproved unapproved " +
			"refused revoked retracted clawback invalidated scrubbed storno",
		doubting: "pending hold onhold holded held awaiting waiting unconfirmed unverified cancel decline denied deny refuse return returns reverse " +
			"invalid failed failure fail error expired aborted abandoned blocked trash trashed spam bot duplicate deleted removed incomplete unpaid " +
			"suspended ineligible unqualified lost withdrawn unsuccessful blacklisted bad",
		consenting: "approved accepted confirmed valid verified paid success successful ok eligible qualified",
		negating:   "not no never non without isnt wasnt",
	} {
		for word := range strings.FieldsSeq(list) {
			words[word] = meaning
		}
	}
	return words
}()

// longestVerdict bounds a text that is read as a verdict. It fits into what is kept of a
// qualifier, also where each of its bytes is escaped by two.
const longestVerdict = maxQualifierValueBytes / 2

// verdictOf reads a text whose every word is one of the above, in any letter case and
// with any marks between them but those of macros. Any other text has no verdict,
// whatever it holds: "refund-offer", "Rejected T-Shirt", "VOID10".
func verdictOf(text string) verdict {
	var buffer [longestVerdict]byte
	if len(text) < len("bot") || len(text) > longestVerdict {
		return noVerdict
	}
	found, negated, behindCharge := noVerdict, false, false
	word := buffer[:0]
	for i := 0; i <= len(text); i++ {
		var letter byte
		if i < len(text) {
			letter = text[i]
		}
		if ascii.IsLetter(letter) && !(letter < 'a' && i > 0 && 'a' <= text[i-1] && text[i-1] <= 'z') {
			word = append(word, letter|0x20)
			continue
		}
		if i < len(text) && !ascii.IsLetter(letter) && !separates(letter) {
			return noVerdict
		}
		if len(word) > 0 {
			meaning := meanings[string(word)]
			if behindCharge && string(word) == "back" {
				meaning = refusing
			}
			behindCharge = string(word) == "charge" || string(word) == "charged"
			switch meaning {
			case filler:
			case negating:
				negated = true
			case refusing:
				found = max(found, ifElse(negated, absolves, refuses))
				negated = false
			case doubting:
				found = max(found, ifElse(negated, absolves, undecided))
				negated = false
			case consenting:
				found = max(found, ifElse(negated, refuses, noVerdict))
				negated = false
			default:
				return noVerdict
			}
			word = buffer[:0]
		}
		if ascii.IsLetter(letter) {
			word = append(word, letter|0x20)
		}
	}
	return found
}

func ifElse(condition bool, yes, no verdict) verdict {
	if condition {
		return yes
	}
	return no
}

// separates reports whether a byte may stand between the words of a verdict. Digits,
// letters outside ASCII, and the marks of macros may not.
func separates(b byte) bool { return strings.IndexByte(" \t\r\n_-./:;!?()='\"+", b) >= 0 }

// partMarks stand between the parts of an event's name, such as
// charge.dispute.funds_withdrawn or orders/paid.
const partMarks = "._/:"

// hasRefusingPart reports whether a text is an event's name of parts, one of which
// says that the conversion does not stand. Other words between its marks say nothing.
func hasRefusingPart(text string) bool {
	if len(text) > longestVerdict {
		return false
	}
	negated := false
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(partMarks, r) }) {
		for i := range len(part) {
			if !ascii.IsLetter(part[i]) && !ascii.IsDigit(part[i]) {
				return false
			}
		}
		switch meanings[strings.ToLower(part)] {
		case negating:
			negated = true
		case refusing, doubting:
			if !negated {
				return true
			}
			negated = false
		default:
			negated = false
		}
	}
	return false
}

// IsRefusal reports whether a text says of a conversion that it does not stand, in the
// words of Denies or in those for what is not decided yet.
func IsRefusal(text string) bool { return verdictOf(text) >= undecided }

// Absolves reports whether the value of a reversal says that there is none:
// not_refunded, "no chargeback", and zero in any form, such as 0.000, $0.00 or a date of zeros.
func Absolves(value string) bool {
	if verdictOf(value) == absolves {
		return true
	}
	value = trimCurrency(value)
	return strings.Trim(value, "0.,:- ") == "" && strings.Contains(value, "0")
}
