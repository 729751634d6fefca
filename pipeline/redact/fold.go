package redact

import "unicode/utf8"

// fold makes a full-width character that the text ends in ASCII, and leaves out
// one that does not show.
func (u *unescaper) fold() bool {
	r, size := utf8.DecodeLastRune(u.text)
	if r == utf8.RuneError {
		return false
	}
	from := len(u.text) - size
	switch {
	case IsInvisible(r):
		u.hidden = u.starts[from]
		u.text, u.starts = u.text[:from], u.starts[:from]
		return false
	case '\uFF01' <= r && r <= '\uFF5E':
		r -= '\uFF01' - '!'
	case r == '\uFE6B':
		r = '@'
	case r == '\u3002' || r == '\uFF61' || r == '\uFE52' || r == '\u2024':
		r = '.'
	default:
		return false
	}
	return u.replace(from, len(u.text), r)
}

// IsInvisible reports whether a character shows nowhere: soft hyphens, byte
// order marks, zero-width spaces and joiners, direction marks.
func IsInvisible(r rune) bool {
	switch {
	case r == '\u00AD', r == '\u061C', r == '\u180E', r == '\uFEFF',
		'\u200B' <= r && r <= '\u200F', '\u202A' <= r && r <= '\u202E', '\u2060' <= r && r <= '\u2069':
		return true
	}
	return false
}
