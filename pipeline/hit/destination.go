package hit

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// MaxDestinationBytes bounds an offer's destination URL.
const MaxDestinationBytes = 4096

// macro matches a macro in a destination URL: a name in braces, which may be
// percent-encoded, as a browser's address bar or a form leaves them.
var macro = regexp.MustCompile(`(?i)(?:\{|%7b)([a-z][a-z0-9_.-]*)(?:\}|%7d)`)

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
	for _, match := range macro.FindAllStringSubmatch(destination, -1) {
		if name := strings.ToLower(match[1]); !slices.Contains(names, name) {
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
	var filled strings.Builder
	filled.Grow(len(destination) + 64)
	rest := 0
	for _, at := range macro.FindAllStringSubmatchIndex(destination, -1) {
		filled.WriteString(destination[rest:at[0]])
		rest = at[1]
		name := strings.ToLower(destination[at[2]:at[3]])
		switch {
		case !KnownMacro(name):
		case at[0] < query:
			filled.WriteString(url.PathEscape(value(name)))
		default:
			filled.WriteString(url.QueryEscape(value(name)))
		}
	}
	filled.WriteString(destination[rest:])
	return filled.String()
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
	text = macro.ReplaceAllString(text, "{$1}")
	parsed, err := url.Parse(macro.ReplaceAllString(text, "x"))
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
	if macro.MatchString(host) {
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
