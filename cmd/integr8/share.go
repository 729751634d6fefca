package main

import (
	"fmt"
	"strings"
)

// count writes how many there are with a verb that agrees: "1 finding is",
// "3 findings are". A noun of several words, or none, has no plural.
func count(n int64, noun, singular, plural string) string {
	verb := plural
	if n == 1 {
		verb = singular
	} else if noun != "" && !strings.HasPrefix(noun, "of ") {
		noun += "s"
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", n, noun, verb)), " ")
}

// share writes how many of a total: "2 of 3 findings are"; where it is all of
// them, as count does.
func share(n, total int64, noun, singular, plural string) string {
	if n == total {
		return count(n, noun, singular, plural)
	}
	return fmt.Sprintf("%d of %d %ss %s", n, total, noun, plural)
}
