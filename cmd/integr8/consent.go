package main

import (
	"fmt"
	"slices"
	"strings"

	"integr8/pipeline/hit"
)

// baseWords are words by comma that mean an approved base conversion.
type baseWords []string

// UnmarshalText reads the list; empty text is none.
func (w *baseWords) UnmarshalText(text []byte) error {
	*w = baseWords{}
	for word := range strings.SplitSeq(string(text), ",") {
		word = strings.ToLower(hit.Trim(word))
		switch {
		case word == "":
		case len(word) > maxBaseWord:
			return fmt.Errorf("%q is longer than %d bytes", word, maxBaseWord)
		case !slices.Contains(*w, word):
			*w = append(*w, word)
		}
	}
	return nil
}

// maxBaseWord is shorter than what a hit keeps of an event or a status as it is.
const maxBaseWord = 64

// list gives the words to the store; nil stays nil.
func (w *baseWords) list() *[]string {
	if w == nil {
		return nil
	}
	return (*[]string)(w)
}

// ignoredParams are names by comma of parameters that would else be read as an
// event, a status or a reversal.
type ignoredParams []string

// UnmarshalText reads the list; empty text is none. A name that is none of the
// family is refused: to ignore it would change nothing.
func (p *ignoredParams) UnmarshalText(text []byte) error {
	*p = ignoredParams{}
	for name := range strings.SplitSeq(string(text), ",") {
		if name = hit.Trim(name); name == "" {
			continue
		}
		folded := hit.FoldQualifier(name)
		if folded == "" {
			return fmt.Errorf("%q is not read as an event, a status or a reversal, so that there is nothing to ignore", name)
		}
		if !slices.Contains(*p, folded) {
			*p = append(*p, folded)
		}
	}
	return nil
}

// list gives the names to the store; nil stays nil.
func (p *ignoredParams) list() *[]string {
	if p == nil {
		return nil
	}
	return (*[]string)(p)
}
