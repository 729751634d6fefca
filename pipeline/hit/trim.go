package hit

import (
	"strings"
	"unicode"
)

// Trim takes white space and invisible characters off both ends of a text: byte
// order marks, zero-width spaces and joiners, direction marks. Files, spreadsheets
// and chats put them around a text that is copied.
func Trim(text string) string {
	if text == "" || plainEnd(text[0]) && plainEnd(text[len(text)-1]) {
		return text
	}
	return strings.TrimFunc(text, isBlank)
}

// plainEnd is the fast path: an ASCII letter, digit or mark is no blank.
func plainEnd(b byte) bool { return ' ' < b && b < 0x7F }

func isBlank(r rune) bool {
	switch {
	case r == '\uFEFF', r == '\u00AD', r == '\u180E', r == '\u3164', // byte order mark, soft hyphen, fillers
		'\u200B' <= r && r <= '\u200F', // zero-width spaces and joiners, direction marks
		'\u202A' <= r && r <= '\u202E', '\u2060' <= r && r <= '\u2069':
		return true
	}
	return unicode.IsSpace(r)
}
