package operate

import (
	"fmt"
	"strings"
)

// Counted writes a number with its noun: "1 hit", "3 hits".
func Counted[N int | int64 | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Count writes a number with its noun and a verb that agrees: "1 finding is", "3
// findings are". A noun of several words that begins with "of" stays as it is, and so
// does an empty noun.
func Count[N int | int64 | uint64](n N, noun, singular, plural string) string {
	if noun == "" || strings.HasPrefix(noun, "of ") {
		return strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", n, noun, Agreeing(n, singular, plural))), " ")
	}
	return Counted(n, noun) + " " + Agreeing(n, singular, plural)
}

// Share writes how many of a total: "1 of 3 findings is". When it is all of them, Share
// writes what Count does.
func Share[N int | int64 | uint64](n, total N, noun, singular, plural string) string {
	if n == total {
		return Count(n, noun, singular, plural)
	}
	return fmt.Sprintf("%d of %d %ss %s", n, total, noun, Agreeing(n, singular, plural))
}

// Agreeing returns the form of a word that agrees with a number.
func Agreeing[N int | int64 | uint64](n N, singular, plural string) string {
	if n == 1 {
		return singular
	}
	return plural
}
