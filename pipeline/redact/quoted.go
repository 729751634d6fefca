package redact

import "strings"

// openerIn returns where the first quote or opening bracket in from..to stands, or -1.
func (v view) openerIn(from, to int) int {
	for ; from < to; from++ {
		switch v.text[from] {
		case '"', '\'', '[', '{':
			return from
		}
	}
	return -1
}

// quoteIn returns where the first quote in from..to stands, or -1.
func (v view) quoteIn(from, to int) int {
	for ; from < to; from++ {
		if v.isQuote(from) {
			return from
		}
	}
	return -1
}

// isQuote reports whether the byte at i is a quote.
func (v view) isQuote(i int) bool { return v.text[i] == '"' || v.text[i] == '\'' }

// quoteEnd returns where the quote closes that opens at from, or else the end of the
// text, which was cut off. A quote that is escaped deeper than the one that opens is part
// of the value, be it by its encoding or by backslashes: JSON within JSON writes a quote
// with 1, 3, 7 backslashes, and one inside the value with as many more and one.
func (v view) quoteEnd(from int) int {
	width, depth := v.width(from), v.backslashesBefore(from)
	backslashes := 0
	for at := from + 1; at < len(v.text); at++ {
		switch {
		case v.text[at] == '\\':
			backslashes++
			continue
		case v.text[at] != v.text[from] || v.width(at) > width:
		case backslashes < depth || backslashes%(2*depth+2) == depth:
			return at
		}
		backslashes = 0
	}
	return len(v.text)
}

// backslashesBefore returns how many backslashes stand before i.
func (v view) backslashesBefore(i int) int {
	from := i
	for from > 0 && v.text[from-1] == '\\' {
		from--
	}
	return i - from
}

// bracketEnd returns where the bracket closes that opens at from, or else the
// end of the text, which was cut off. A bracket inside quotes closes nothing. A bracket
// that opens no list or object of JSON, or of Python, ends where it begins.
func (v view) bracketEnd(from int) int {
	rest := strings.TrimLeft(v.text[from+1:], " \t\r\n\\")
	if v.text[from] == '[' && (rest == "" || strings.IndexByte("\"'[{0123456789-", rest[0]) < 0) ||
		v.text[from] == '{' && !strings.HasPrefix(rest, `"`) && !strings.HasPrefix(rest, "'") {
		return from
	}
	depth := 0
	for at := from; at < len(v.text); at++ {
		switch v.text[at] {
		case '"', '\'':
			at = v.quoteEnd(at)
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return at
			}
		}
	}
	return len(v.text)
}
