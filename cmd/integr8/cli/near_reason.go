package cli

import (
	"cmp"
	"slices"
	"strings"

	"integr8/pipeline/outcome"
)

const (
	// nearReasonsShown bounds what is suggested instead of a text that is no reason.
	nearReasonsShown = 4
	// sameWord is how many letters at the beginning make two words the same: the
	// rest may be mistyped.
	sameWord = 3
)

// nearReasons returns the reasons that a text may mean, those that share most words
// with it first; none where no word is the same.
func nearReasons(text string) []string {
	written := wordsOf(text)
	shared := map[string]int{}
	var near []string
	for _, reason := range outcome.Reasons() {
		name := string(reason)
		for _, word := range wordsOf(name) {
			if slices.Contains(written, word) {
				shared[name]++
			}
		}
		if shared[name] > 0 {
			near = append(near, name)
		}
	}
	slices.SortFunc(near, func(a, b string) int { return cmp.Or(shared[b]-shared[a], cmp.Compare(a, b)) })
	return near[:min(len(near), nearReasonsShown)]
}

// wordsOf returns the beginnings of the words of a text.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' })
	for i, word := range words {
		words[i] = word[:min(len(word), sameWord)]
	}
	return words
}
