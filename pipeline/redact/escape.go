package redact

import "integr8/pipeline/ascii"

// escape undoes %40, \x40, \u0040 and %u0040.
func (u *unescaper) escape() bool {
	n := len(u.text)
	if n < 3 || !ascii.IsHexDigit(u.text[n-2]) {
		return false
	}
	b := hexValue(u.text[n-2])<<4 | hexValue(u.text[n-1])
	if u.text[n-3] == '%' {
		return u.replaceByte(3, b)
	}
	if n >= 4 && u.text[n-3] == 'x' && u.text[n-4] == '\\' {
		return u.replaceEscape(n-4, rune(b))
	}
	if n < 6 || u.text[n-5] != 'u' || u.text[n-6] != '\\' && u.text[n-6] != '%' || !ascii.IsHexDigit(u.text[n-3]) || !ascii.IsHexDigit(u.text[n-4]) {
		return false
	}
	return u.replaceEscape(n-6, rune(hexValue(u.text[n-4]))<<12|rune(hexValue(u.text[n-3]))<<8|rune(b))
}

// replaceEscape replaces an escape of JSON or JavaScript, from there to the end of
// the text, together with the backslashes before it: JSON within JSON doubles them,
// and a backslash that is left would part a word. The backslashes stay where they may
// begin another escape with the character of this one.
func (u *unescaper) replaceEscape(from int, r rune) bool {
	to := len(u.text)
	if u.text[from] == '\\' && r != 'u' && r != 'x' && r != '\\' {
		from = u.backslashesBefore(from)
	}
	return u.replace(from, to, r)
}

func (u *unescaper) backslashesBefore(from int) int {
	for from > 0 && u.text[from-1] == '\\' {
		from--
	}
	return from
}

// strayBackslash takes away the backslash of a \u or \x that the last byte shows
// to be no escape.
func (u *unescaper) strayBackslash() {
	n := len(u.text)
	if n < 3 || u.text[n-3] != '\\' || u.text[n-2] != 'u' && u.text[n-2] != 'x' || u.width(n-2) == 1 {
		return
	}
	from := u.backslashesBefore(n - 3)
	start := u.starts[from]
	u.text = append(u.text[:from], u.text[n-2:]...)
	u.starts = append(u.starts[:from], u.starts[n-2:]...)
	u.starts[from] = start
}

func hexValue(digit byte) byte {
	switch {
	case digit <= '9':
		return digit - '0'
	case digit <= 'F':
		return digit - 'A' + 10
	default:
		return digit - 'a' + 10
	}
}
