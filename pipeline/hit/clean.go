package hit

import (
	"strings"
	"unicode/utf8"
)

// replacement is the Unicode replacement character.
const replacement = "\uFFFD"

// Clean returns the text in a form that Postgres can store: valid UTF-8 without
// NUL. Every other byte becomes U+FFFD.
func Clean(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, replacement)
	}
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", replacement)
	}
	return text
}

// Cut shortens valid UTF-8 to at most limit bytes without splitting a
// character.
func Cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
