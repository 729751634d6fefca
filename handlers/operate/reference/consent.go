package reference

import (
	"fmt"
	"slices"
	"strings"

	"integr8/pipeline/hit"
)

// maxBaseWord is less than the length up to which a hit keeps an event or a status
// unchanged, and less than that of hit.FurtherDenials, which no offer may accept.
const maxBaseWord = 64

// ParseBaseWords reads words, separated by commas, that mean an approved base
// conversion; an empty text means none. A negative amount is not a word: see
// hit.TakesBack.
func ParseBaseWords(text string) ([]string, error) {
	words := []string{}
	for word := range strings.SplitSeq(text, ",") {
		word = strings.ToLower(hit.Trim(word))
		switch {
		case word == "":
		case len(word) > maxBaseWord:
			return nil, fmt.Errorf("%q is longer than %d bytes", word, maxBaseWord)
		case hit.TakesBack(hit.ParamRevenue, word):
			return nil, fmt.Errorf("%q is a negative amount, and no word: a hit with it never converts, unless its parameter is ignored", word)
		case !slices.Contains(words, word):
			words = append(words, word)
		}
	}
	return words, nil
}

// warnOfRefusals warns of base words with which senders usually deny a conversion. They
// may be intended: the offer decides what its senders' words mean.
func warnOfRefusals(words []string) Warnings {
	var warnings Warnings
	for _, word := range words {
		if hit.IsRefusal(word) {
			warnings = append(warnings, fmt.Sprintf("the base word %q says in other places that a conversion does not stand: hits with it convert and pay from now on", word))
		}
	}
	return warnings
}

// ParseIgnoredParams reads names, separated by commas, of parameters that would
// otherwise be read as an event, a status or a reversal; an empty text means none. It
// refuses the name of any other parameter, because ignoring it would change nothing.
func ParseIgnoredParams(text string) ([]string, error) {
	names := []string{}
	for name := range strings.SplitSeq(text, ",") {
		if name = hit.Trim(name); name == "" {
			continue
		}
		folded := hit.FoldQualifier(name)
		if folded == "" {
			return nil, fmt.Errorf("%q is not read as an event, a status or a reversal, so that there is nothing to ignore", name)
		}
		if !slices.Contains(names, folded) {
			names = append(names, folded)
		}
	}
	return names, nil
}
