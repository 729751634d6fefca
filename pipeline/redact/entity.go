package redact

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"integr8/pipeline/ascii"
)

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

// bareEntity is an entity without a semicolon.
type bareEntity struct {
	from int
	r    rune
}

// bareEntityBefore undoes an entity that ends at n, before another character, and
// has no semicolon: browsers take that where it is a number. It undoes those directly
// before it as well, and moves the bytes behind them once.
func (u *unescaper) bareEntityBefore(n int) bool {
	next := byte(0)
	if n < len(u.text) {
		next = u.text[n]
	}
	var buffer [8]bareEntity
	row := buffer[:0] // the last one first
	for end := n; ; next = '&' {
		e, ok := u.bareEntityAt(end, next)
		if !ok {
			break
		}
		row = append(row, e)
		end = e.from
	}
	if len(row) == 0 {
		return false
	}
	to := row[len(row)-1].from
	for _, e := range slices.Backward(row) { // the character is never longer than the entity
		to = u.put(to, e.r, u.starts[e.from])
	}
	copy(u.starts[to:], u.starts[n:])
	copy(u.text[to:], u.text[n:])
	length := len(u.text) - n + to
	u.text, u.starts = u.text[:length], u.starts[:length]
	return true
}

// bareEntityAt reads the entity that ends at n, before the byte next.
func (u *unescaper) bareEntityAt(n int, next byte) (e bareEntity, ok bool) {
	if !ascii.IsDigit(next) {
		e, ok = u.bareNumberAt(n, "&#", ascii.IsDigit)
	}
	if !ok && !ascii.IsHexDigit(next) {
		if e, ok = u.bareNumberAt(n, "&#x", ascii.IsHexDigit); !ok {
			e, ok = u.bareNumberAt(n, "&#X", ascii.IsHexDigit)
		}
	}
	return e, ok
}

func (u *unescaper) bareNumberAt(n int, prefix string, isDigit func(byte) bool) (bareEntity, bool) {
	digits := n
	for digits > 0 && n-digits < longestEntity && isDigit(u.text[digits-1]) {
		digits--
	}
	from := digits - len(prefix)
	if digits == n || from < 0 || string(u.text[from:digits]) != prefix {
		return bareEntity{}, false
	}
	r, ok := entity(string(u.text[from+1 : n]))
	return bareEntity{from, r}, ok
}

// entity returns the character of the HTML entity with the given text between & and
// its semicolon.
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
