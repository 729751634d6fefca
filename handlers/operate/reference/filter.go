package reference

import "strings"

// contains reports whether a text contains another, in upper or lower case. Every text
// contains the empty one.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// only returns the wanted elements, and never nil.
func only[T any](all []T, wanted func(T) bool) []T {
	some := []T{}
	for _, element := range all {
		if wanted(element) {
			some = append(some, element)
		}
	}
	return some
}
