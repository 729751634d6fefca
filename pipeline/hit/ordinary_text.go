package hit

import "strings"

// byteClass says what a byte may mean in a text that is redacted.
type byteClass uint8

const (
	ordinary byteClass = iota
	// telling bytes begin an escape, stand in an address, or are none of printable
	// ASCII: a text with one is looked at in full.
	telling
	underscore
	assigning
	ampersand
	// entityMark is what an HTML entity holds beside its ampersand.
	entityMark
)

var byteClasses = func() (classes [256]byteClass) {
	for b := range classes {
		if b < ' ' || b > '~' {
			classes[b] = telling
		}
	}
	for b, class := range map[byte]byteClass{
		'%': telling, '\\': telling, '@': telling, '_': underscore, '=': assigning, ':': assigning,
		'&': ampersand, ';': entityMark, '#': entityMark,
	} {
		classes[b] = class
	}
	return classes
}()

// isOrdinary is the fast path of redaction, which nearly every text takes: it
// reports that a text is clean, holds no escape, and no secret that shows by its
// form. It looks once at each byte. False means that nobody knows yet.
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
			if i > 0 && (beforeAssign.has(text[i-1]) || (view{text: text}).secureBefore(i, 0)) || isQuotedAt(text, i) {
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
// =40, stands at i before a domain. A number that begins with 40 is none.
func isQuotedAt(text string, i int) bool {
	return strings.HasPrefix(text[i:], quotedAt) && i+len(quotedAt) < len(text) && isLetter(text[i+len(quotedAt)])
}

const quotedAt = "=40"

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// secureNameBefore reports whether the word that ends before end, and does not
// begin before low, is a name of a secure token.
func secureNameBefore(text string, end, low int) bool {
	from := end
	for from > low && end-from <= maxSecureName && (isWordByte(text[from-1]) || text[from-1] == '-') {
		from--
	}
	return isSecureName(text[from:end])
}

// maxSecureName is longer than any name of isSecureName with its dashes.
const maxSecureName = 24

// isSecureName reports whether a word is secure, or what else senders call the
// secure token: _secure, secure_token, secureKey. is_secure is none.
func isSecureName(word string) bool {
	if len(word) < len(ParamSecure) || len(word) > maxSecureName {
		return false
	}
	var folded [maxSecureName]byte
	n := 0
	for i := range len(word) {
		if b := word[i]; b != '_' && b != '-' {
			folded[n] = b | 0x20
			n++
		}
	}
	switch string(folded[:n]) {
	case ParamSecure, "securetoken", "tokensecure", "securekey", "securecode", "securehash", "securesecret", "securitytoken",
		"securepostback", "securepostbacktoken":
		return true
	}
	return false
}
