package link

import (
	"slices"
	"strings"

	"integr8/pipeline/hit"
)

// macro is a macro in a destination URL: a name in braces, which may be
// percent-encoded, as a browser's address bar or a form leaves them.
type macro struct {
	from, to int    // where it stands, with its braces
	name     string // as written
}

// nextMacro returns the first macro at or after from.
func nextMacro(text string, from int) (macro, bool) {
	for ; from < len(text); from++ {
		open := braceAt(text, from, '{', "%7b")
		if open == 0 {
			continue
		}
		end := from + open
		for end < len(text) && isMacroByte(text[end], end == from+open) {
			end++
		}
		if shut := braceAt(text, end, '}', "%7d"); shut > 0 && end > from+open {
			return macro{from, end + shut, text[from+open : end]}, true
		}
	}
	return macro{}, false
}

// braceAt returns how many bytes the brace at i takes, or 0 when none is
// there.
func braceAt(text string, i int, brace byte, encoded string) int {
	switch {
	case i >= len(text):
		return 0
	case text[i] == brace:
		return 1
	case len(text)-i >= len(encoded) && text[i] == '%' && strings.EqualFold(text[i:i+len(encoded)], encoded):
		return len(encoded)
	}
	return 0
}

// isMacroByte reports whether a macro's name may hold a byte. It begins with a
// letter, so that JSON in a URL is not read as a macro.
func isMacroByte(b byte, first bool) bool {
	letter := 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
	return letter || !first && ('0' <= b && b <= '9' || b == '_' || b == '-' || b == '.')
}

// replaceMacros returns the text with each macro replaced.
func replaceMacros(text string, by func(macro) string) string {
	m, found := nextMacro(text, 0)
	if !found {
		return text
	}
	var replaced strings.Builder
	replaced.Grow(len(text) + 128)
	rest := 0
	for ; found; m, found = nextMacro(text, rest) {
		replaced.WriteString(text[rest:m.from])
		replaced.WriteString(by(m))
		rest = m.to
	}
	replaced.WriteString(text[rest:])
	return replaced.String()
}

// Source says where the value of a macro comes from.
type Source int

const (
	// FromDoor: the door makes or checks the value. What a visitor writes into the link
	// under the name of the macro fills nothing in.
	FromDoor Source = iota + 1
	// FromLink: the value is the parameter of that name in the tracking link, which
	// any visitor can write.
	FromLink
)

// sources holds every macro that is filled in.
var sources = map[string]Source{
	hit.ParamTransactionID: FromDoor,
	hit.ParamOffer:         FromDoor,
	hit.ParamPublisher:     FromDoor,

	hit.ParamSubID:                 FromLink,
	hit.ParamSubID2:                FromLink,
	hit.ParamSubID3:                FromLink,
	hit.ParamSubID4:                FromLink,
	hit.ParamSubID5:                FromLink,
	hit.ParamSubID6:                FromLink,
	hit.ParamExternalTransactionID: FromLink,
	hit.ParamDeviceID:              FromLink,
}

// KnownMacros returns the names of the macros that have this source, sorted.
func KnownMacros(source Source) []string {
	var names []string
	for name, from := range sources {
		if from == source {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// KnownMacro reports whether Fill asks for a value of the macro; it leaves any
// other macro empty. The name is lower case, as Macros returns it.
func KnownMacro(name string) bool { return sources[name] != 0 }

// Macros returns the names of a destination's macros in lower case, in order of
// appearance and each once, known or not.
func Macros(destination string) []string {
	var names []string
	for m, found := nextMacro(destination, 0); found; m, found = nextMacro(destination, m.to) {
		if name := strings.ToLower(m.name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// UnknownMacros returns the macros of a destination that Fill leaves empty, in braces.
func UnknownMacros(destination string) []string {
	var unknown []string
	for _, name := range Macros(destination) {
		if !KnownMacro(name) {
			unknown = append(unknown, "{"+name+"}")
		}
	}
	return unknown
}
