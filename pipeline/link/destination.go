// Package link holds the destinations that tracking links lead to: their macros,
// how those are filled in for a visitor, and whether the advertiser gets the
// visitor's transaction_id back whole.
package link

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// MaxBytes bounds an offer's destination URL.
const MaxBytes = 4096

// Fill replaces every macro by its value. It calls value with the lower-case
// name of each known macro and the source of its value; an unknown macro becomes empty.
// A value is encoded for its place: before the first question mark as part of a path,
// after it as part of a query.
func Fill(destination string, value func(name string, from Source) string) string {
	query := strings.IndexByte(destination, '?')
	if query < 0 {
		query = len(destination)
	}
	return replaceMacros(destination, func(m macro) string {
		name := strings.ToLower(m.name)
		from, known := sources[name]
		switch {
		case !known:
			return ""
		case m.from < query:
			return url.PathEscape(value(name, from))
		default:
			return url.QueryEscape(value(name, from))
		}
	})
}

// Normalize checks a destination URL and returns the form to be stored: without
// white space around it, with the braces of macros written as braces, and with
// text outside ASCII percent-encoded. The destination must be an absolute http
// or https URL of at most MaxBytes. Its host must hold no macro, because a
// visitor who can name the host can turn every tracking link into a redirect to
// anywhere.
func Normalize(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > MaxBytes {
		return "", fmt.Errorf("the destination is longer than %d bytes", MaxBytes)
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

// escapeNonASCII percent-encodes the bytes that an HTTP header cannot carry.
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
