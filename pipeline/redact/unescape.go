package redact

import (
	"unicode/utf8"

	"integr8/pipeline/ascii"
)

// unescaper is the decoded text so far.
type unescaper struct {
	text   []byte
	starts []int
	// hidden is the offset of the first character that was left out since the last
	// byte; -1 when there is none. Such characters are part of the byte that follows.
	hidden int
}

func (u *unescaper) add(b byte, at int) {
	if u.hidden >= 0 {
		at, u.hidden = u.hidden, -1
	}
	u.text, u.starts = append(u.text, b), append(u.starts, at)
	for u.undo() {
	}
}

// undo replaces one escape that the text ends in.
func (u *unescaper) undo() bool {
	n := len(u.text)
	if n < 2 {
		return false
	}
	switch last := u.text[n-1]; {
	case last == ';' || last == '}':
		return u.closed(last)
	case ascii.IsDigit(last):
		return u.escape()
	case ascii.IsHexDigit(last): // it may end the digits of a decimal entity, but none of a hexadecimal one
		return u.escape() || ascii.IsDigit(u.text[n-2]) && u.bareEntityBefore(n-1)
	case last >= utf8.RuneSelf:
		return u.fold()
	case last == '%' || last == '\\' || last == '&' || last == '{':
		return false // it may begin what stands for a digit of an entity
	default:
		if ascii.IsHexDigit(u.text[n-2]) {
			return u.bareEntityBefore(n - 1)
		}
		u.strayBackslash()
		return false
	}
}

func (u *unescaper) replaceByte(n int, b byte) bool {
	at := len(u.text) - n
	u.text, u.starts = append(u.text[:at], b), u.starts[:at+1]
	return true
}

// replace puts one character, which is shorter, in the place of from..to.
func (u *unescaper) replace(from, to int, r rune) bool {
	end := u.put(from, r, u.starts[from])
	copy(u.starts[end:], u.starts[to:])
	copy(u.text[end:], u.text[to:])
	length := len(u.text) - (to - end)
	u.text, u.starts = u.text[:length], u.starts[:length]
	return true
}

// put writes a character that began at start in the source over the bytes from at, and
// returns where it ends.
func (u *unescaper) put(at int, r rune, start int) int {
	var encoded [utf8.UTFMax]byte
	for _, b := range encoded[:utf8.EncodeRune(encoded[:], r)] {
		u.text[at], u.starts[at] = b, start
		at++
	}
	return at
}

// width is view.width of a byte before the last one.
func (u *unescaper) width(i int) int { return u.starts[i+1] - u.starts[i] }
