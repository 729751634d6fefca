package hit

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// view is a text with its escapes undone (percent-encoding, those of JSON and
// JavaScript, HTML entities), as often as they were nested, with full-width
// characters as their ASCII twins and without characters that do not show. It
// still knows where in the source each byte came from. A secret is looked for in
// the view and cut out of the source.
type view struct {
	source string
	text   string
	// starts gives each byte's offset in the source, and one more for the
	// end; nil when the text is the source itself.
	starts []int
}

// decodeView undoes escapes in one pass: whenever the bytes read so far end in
// an escape, that is replaced at once by what it stands for, so that the
// result may complete an outer escape. Nesting of any depth thus costs time
// linear in the source.
func decodeView(source string) view {
	if !mayHoldEscape(source) {
		return view{source: source, text: source}
	}
	u := unescaper{text: make([]byte, 0, len(source)), starts: make([]int, 0, len(source)+1), hidden: -1}
	for i := range len(source) {
		u.add(source[i], i)
	}
	u.bareEntityBefore(len(u.text))
	return view{source: source, text: string(u.text), starts: append(u.starts, len(source))}
}

func mayHoldEscape(text string) bool {
	for i := range len(text) {
		if mayEscape.has(text[i]) {
			return text[i] != '&' || mayHoldEntity(text[i:])
		}
	}
	return false
}

// mayHoldEntity looks at the rest of a text from its first ampersand.
func mayHoldEntity(text string) bool {
	return strings.IndexByte(text, ';') >= 0 || strings.Contains(text, "&#") || mayHoldEscapeButEntity(text)
}

func mayHoldEscapeButEntity(text string) bool {
	for i := range len(text) {
		if text[i] != '&' && mayEscape.has(text[i]) {
			return true
		}
	}
	return false
}

// unescaper is the decoded text so far.
type unescaper struct {
	text   []byte
	starts []int
	// hidden is where characters began that were left out since the last byte;
	// -1 when there are none. They count as part of the byte that follows.
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
	case isDigit(last):
		return u.escape()
	case isHexDigit(last): // it may end the digits of a decimal entity, but none of a hexadecimal one
		return u.escape() || isDigit(u.text[n-2]) && u.bareEntityBefore(n-1)
	case last >= utf8.RuneSelf:
		return u.fold()
	case last == '%' || last == '\\' || last == '&' || last == '{':
		return false // it may begin what stands for a digit of an entity
	default:
		if isHexDigit(u.text[n-2]) {
			return u.bareEntityBefore(n - 1)
		}
		u.strayBackslash()
		return false
	}
}

// escape undoes %40, \x40, \u0040 and %u0040.
func (u *unescaper) escape() bool {
	n := len(u.text)
	if n < 3 || !isHexDigit(u.text[n-2]) {
		return false
	}
	b := hexValue(u.text[n-2])<<4 | hexValue(u.text[n-1])
	if u.text[n-3] == '%' {
		return u.replaceByte(3, b)
	}
	if n >= 4 && u.text[n-3] == 'x' && u.text[n-4] == '\\' {
		return u.replaceEscape(n-4, rune(b))
	}
	if n < 6 || u.text[n-5] != 'u' || u.text[n-6] != '\\' && u.text[n-6] != '%' || !isHexDigit(u.text[n-3]) || !isHexDigit(u.text[n-4]) {
		return false
	}
	return u.replaceEscape(n-6, rune(hexValue(u.text[n-4]))<<12|rune(hexValue(u.text[n-3]))<<8|rune(b))
}

// replaceEscape replaces an escape of JSON or JavaScript, from there to the end,
// with the backslashes before it: JSON within JSON doubles them, and what is left
// of them would part a word. They stay where they may begin another escape with
// what this one stands for.
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

// width is that of a view's byte; n-1 is the last that it may be asked of.
func (u *unescaper) width(i int) int { return u.starts[i+1] - u.starts[i] }

// longestEntity is that of &#x0010FFFF; and of &lowbar; with room to spare.
const longestEntity = 12

// closed undoes &#64; &#x40; &commat; and \u{40}.
func (u *unescaper) closed(by byte) bool {
	n := len(u.text)
	opener := byte('&')
	if by == '}' {
		opener = '{'
	}
	for from := n - 2; from >= 0 && from > n-longestEntity-2; from-- {
		if u.text[from] != opener {
			continue
		}
		inside := string(u.text[from+1 : n-1])
		if by == '}' {
			if from < 2 || u.text[from-1] != 'u' || u.text[from-2] != '\\' {
				return false
			}
			r, ok := number(inside, 16)
			return ok && u.replaceEscape(from-2, r)
		}
		r, ok := entity(inside)
		return ok && u.replace(from, n, r)
	}
	return false
}

// bareEntityBefore undoes an entity that ends at n, before another character, and
// has no semicolon: browsers take that where it is a number.
func (u *unescaper) bareEntityBefore(n int) bool {
	next := byte(0)
	if n < len(u.text) {
		next = u.text[n]
	}
	return !isDigit(next) && u.bareNumberBefore(n, "&#", isDigit) ||
		!isHexDigit(next) && (u.bareNumberBefore(n, "&#x", isHexDigit) || u.bareNumberBefore(n, "&#X", isHexDigit))
}

func (u *unescaper) bareNumberBefore(n int, prefix string, isDigit func(byte) bool) bool {
	digits := n
	for digits > 0 && n-digits < longestEntity && isDigit(u.text[digits-1]) {
		digits--
	}
	from := digits - len(prefix)
	if digits == n || from < 0 || string(u.text[from:digits]) != prefix {
		return false
	}
	r, ok := entity(string(u.text[from+1 : n]))
	if !ok {
		return false
	}
	u.replace(from, n, r)
	u.bareEntityBefore(from) // of several in a row only the last was followed by something else
	return true
}

// entity reads what stands between & and ; of an HTML entity.
func entity(name string) (rune, bool) {
	if digits, found := strings.CutPrefix(name, "#"); found {
		if hex, found := strings.CutPrefix(strings.ToLower(digits), "x"); found {
			return number(hex, 16)
		}
		return number(digits, 10)
	}
	r, ok := namedEntities[strings.ToLower(name)]
	return r, ok
}

func number(digits string, base int) (rune, bool) {
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n > 0 && n <= utf8.MaxRune && utf8.ValidRune(rune(n))
}

// namedEntities are those of characters that addresses and assignments are made
// of.
var namedEntities = map[string]rune{
	"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\'', "commat": '@', "period": '.', "num": '#', "equals": '=',
	"lowbar": '_', "underbar": '_', "plus": '+', "colon": ':', "semi": ';', "percnt": '%', "bsol": '\\', "sol": '/', "quest": '?',
	"lsqb": '[', "lbrack": '[', "rsqb": ']', "rbrack": ']', "hyphen": '-', "dash": '-', "nbsp": ' ', "shy": '\u00AD', "zwnj": '\u200C', "zwj": '\u200D',
}

func (u *unescaper) replaceByte(n int, b byte) bool {
	at := len(u.text) - n
	u.text, u.starts = append(u.text[:at], b), u.starts[:at+1]
	return true
}

// replace puts one character, which is shorter, in the place of from..to.
func (u *unescaper) replace(from, to int, r rune) bool {
	var encoded [utf8.UTFMax]byte
	size := utf8.EncodeRune(encoded[:], r)
	start := u.starts[from]
	for i := range size {
		u.text[from+i], u.starts[from+i] = encoded[i], start
	}
	copy(u.starts[from+size:], u.starts[to:])
	copy(u.text[from+size:], u.text[to:])
	length := len(u.text) - (to - from) + size
	u.text, u.starts = u.text[:length], u.starts[:length]
	return true
}

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

// source offsets of the view's bytes from..to.
func (v view) offsets(from, to int) (int, int) {
	if v.starts == nil {
		return from, to
	}
	return v.starts[from], v.starts[to]
}

// width is how many bytes of the source a byte of the view takes: 1, or more
// where it was escaped, and the more the deeper.
func (v view) width(i int) int {
	from, to := v.offsets(i, i+1)
	return to - from
}
