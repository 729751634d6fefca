package redact

import (
	"strings"

	"integr8/pipeline/ascii"
)

// byteClass is what a byte may mean in a text that is redacted.
type byteClass uint8

const (
	ordinary byteClass = iota
	// telling bytes begin an escape, stand in an address, or are not printable ASCII:
	// a text with one of them is searched in full.
	telling
	underscore
	assigning
	slash
	ampersand
	// entityMark is a byte that an HTML entity holds beside its ampersand.
	entityMark
)

var byteClasses = func() (classes [256]byteClass) {
	for b := range classes {
		if b < ' ' || b > '~' {
			classes[b] = telling
		}
	}
	for b, class := range map[byte]byteClass{
		'%': telling, '\\': telling, '@': telling, '_': underscore, '=': assigning, ':': assigning, '/': slash,
		'&': ampersand, ';': entityMark, '#': entityMark,
	} {
		classes[b] = class
	}
	return classes
}()

// isOrdinary is the fast path of redaction, which nearly every text takes. It
// reports that a text is clean, holds no escape, and no secret that shows by its
// form. It reads each byte once. False means that nothing is known yet.
func isOrdinary(text string) bool {
	entity, marked := false, false
	for i := range len(text) {
		switch byteClasses[text[i]] {
		case ordinary:
		case telling:
			return false
		case underscore:
			if endsInTokenPrefix(text[:i]) {
				return false
			}
		case assigning:
			if i > 0 && (beforeAssign.has(text[i-1]) || mayEndName(text[:i]) && (view{text: text}).nameBefore(i, 0) != 0) || isQuotedAt(text, i) {
				return false
			}
		case slash:
			if mayEndName(text[:i]) && (view{text: text}).nameBefore(i, 0) != 0 {
				return false
			}
		case ampersand:
			entity = true
		case entityMark:
			marked = true
		}
	}
	return !entity || !marked
}

// endsInTokenPrefix reports whether the underscore of a generated token may follow.
func endsInTokenPrefix(text string) bool {
	n := len(text) - len("i8t")
	return n >= 0 && text[n+2]|0x20 == 't' && strings.EqualFold(text[n:], "i8t")
}

// isQuotedAt reports whether an at sign as quoted-printable mail writes it,
// =40, stands at i before a domain. A number that begins with 40 is no at sign.
func isQuotedAt(text string, i int) bool {
	return strings.HasPrefix(text[i:], quotedAt) && i+len(quotedAt) < len(text) && ascii.IsLetter(text[i+len(quotedAt)])
}

const quotedAt = "=40"
