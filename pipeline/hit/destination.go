package hit

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// MaxDestinationBytes bounds an offer's destination URL.
const MaxDestinationBytes = 4096

// macro is a macro in a destination URL: a name in braces, which may be
// percent-encoded, as a browser's address bar or a form leaves them.
type macro struct {
	from, to int    // where it stands, with its braces
	name     string // as written
}

// nextMacro finds the first macro at or after from.
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

// isMacroByte tells what a macro's name is made of; it begins with a letter,
// so that JSON in a URL is not taken for one.
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

// KnownMacro reports whether FillDestination has a value for the macro; any
// other one is left empty. The name is lower case, as Macros answers it.
func KnownMacro(name string) bool {
	switch name {
	case ParamTransactionID, ParamOffer, ParamPublisher,
		ParamSubID, ParamSubID2, ParamSubID3, ParamSubID4, ParamSubID5, ParamSubID6,
		ParamExternalTransactionID, ParamDeviceID:
		return true
	}
	return false
}

// Macros lists the macros of a destination URL in lower case, in order of
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

// FillDestination replaces every macro by what value answers for its
// lower-case name. Values are encoded for the place they stand in: before the
// first question mark as part of a path, after it as part of a query. value
// is asked for known macros only; unknown ones become empty.
func FillDestination(destination string, value func(name string) string) string {
	query := strings.IndexByte(destination, '?')
	if query < 0 {
		query = len(destination)
	}
	return replaceMacros(destination, func(m macro) string {
		name := strings.ToLower(m.name)
		switch {
		case !KnownMacro(name):
			return ""
		case m.from < query:
			return url.PathEscape(value(name))
		default:
			return url.QueryEscape(value(name))
		}
	})
}

// NormalizeDestination checks a destination URL and answers the form to be
// stored: white space around it removed, the braces of macros written as
// braces, text outside ASCII percent-encoded. It must be an absolute http or
// https URL whose host has no macro in it, because a visitor who can name the
// host can turn every tracking link into a redirect to anywhere.
func NormalizeDestination(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > MaxDestinationBytes {
		return "", fmt.Errorf("the destination is longer than %d bytes", MaxDestinationBytes)
	}
	if strings.ContainsAny(text, " \t\r\n\"<>\\") {
		return "", errors.New("the destination holds a space or another character that a URL cannot hold: percent-encode it")
	}
	text = replaceMacros(text, func(m macro) string { return "{" + m.name + "}" })
	parsed, err := url.Parse(replaceMacros(text, func(macro) string { return "x" }))
	if err != nil {
		return "", errors.New("the destination is not a URL")
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Hostname() == "" {
		return "", errors.New("the destination is not an absolute URL: begin it with https:// and a host")
	}
	if parsed.User != nil {
		return "", errors.New("the destination holds a user name: browsers drop or refuse those")
	}
	_, afterScheme, _ := strings.Cut(text, "://")
	host := afterScheme
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	if _, found := nextMacro(host, 0); found {
		return "", errors.New("the destination's host holds a macro: visitors could be sent anywhere, so name the host")
	}
	if !isASCII(host) {
		return "", errors.New("the destination's host is not ASCII: write it in punycode, beginning with xn--")
	}
	return escapeNonASCII(text), nil
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// escapeNonASCII percent-encodes what an HTTP header cannot carry.
func escapeNonASCII(text string) string {
	if isASCII(text) {
		return text
	}
	var escaped strings.Builder
	for i := range len(text) {
		if text[i] < 0x80 {
			escaped.WriteByte(text[i])
		} else {
			fmt.Fprintf(&escaped, "%%%02X", text[i])
		}
	}
	return escaped.String()
}
