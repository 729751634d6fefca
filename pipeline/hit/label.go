package hit

import "strings"

// labels are the words for what a visitor clicked, bought, chose or is. A parameter
// whose name ends with one is a label: product_name, coupon, cookies.
var labels = wordSet("name first last title label brand sku category categories variant color colour size product products model " +
	"coupon coupons promo voucher discount tag tags keyword keywords kw term content campaign camp adgroup ad ads creative banner placement " +
	"source src medium channel sub subid sid aff affsub var param custom cv page url uri href link landing referrer referer ref query search q " +
	"email phone city country region province address street zip lang language locale browser device os ua agent username company shop store " +
	"vendor merchant site domain host slug policy policies terms " +
	"consent cookie cookies gdpr storage newsletter marketing optin upsell insurance warranty addon protection")

// chosen are the labels whose status or type is a label, too: upsell_status.
var chosen = wordSet("consent cookie cookies marketing newsletter optin upsell insurance warranty addon protection customer visitor")

// labelled are the words that begin the names of labels, and whose code is one in any
// place: order.discounts.code.
var labelled = wordSet("utm sub subid aff coupon coupons promo voucher vouchers discount discounts")

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// isLabelName reports whether a name is a label's by its first or its last word:
// utm_campaign, productName, sub5. A name of one letter and digits, as in s1, is one
// too; a letter alone, as in x, is none.
func isLabelName(name string) bool {
	var buffer [32]byte
	word := buffer[:0]
	words, letters, digits, last, behindChosen, behindLabelled := 0, 0, false, false, false, false
	for i := 0; i <= len(name); i++ {
		var letter byte
		if i < len(name) {
			letter = name[i]
		}
		upper, lower := 'A' <= letter && letter <= 'Z', 'a' <= letter && letter <= 'z'
		if len(word) > 0 && (!upper && !lower || upper && 'a' <= name[i-1] && name[i-1] <= 'z') {
			last = labels[string(word)] || behindChosen && (string(word) == "type" || string(word) == "status") || behindLabelled && string(word) == "code"
			behindChosen, behindLabelled = chosen[string(word)], labelled[string(word)]
			if words == 0 && behindLabelled {
				return true
			}
			words, letters, word = words+1, letters+len(word), buffer[:0]
		}
		if (upper || lower) && len(word) < len(buffer) {
			word = append(word, letter|0x20)
		}
		digits = digits || '0' <= letter && letter <= '9'
	}
	return last || words == 1 && letters == 1 && digits
}

// reading is how the value of a parameter outside the family is read.
type reading uint8

const (
	unread    reading = iota // a label
	forRefuse                // step 3 of the rule: a refusal as a whole
	forDoubt                 // step 2: also what is not decided yet
	forParts                 // step 2, for an event's name: also a part of a dotted one
)

// readingOf returns how the values of a name outside the family are read, by steps 2 and
// 3 of the rule in vocabulary.go.
func readingOf(name string) reading {
	read, made := readName(name)
	switch {
	case made && read.roles&(roleKind|roleTopic|roleDeed|roleEvent) != 0:
		return forParts
	case made && (read.roles&^(roleDetail|roleText) != 0 || !isLabelName(name)):
		return forDoubt // resource_name, too
	case isLabelName(name) && !(made && read.roles == roleDetail): // name alone is none
		return unread
	}
	return forRefuse
}
