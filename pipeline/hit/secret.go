package hit

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// secret is a stretch of a view that must not be recorded.
type secret struct {
	from, to int
	kind     Found
}

// minTokenDigits is how many hex digits after i8t_ make a generated token: a
// piece of one, cut off by whoever copied it, is as good as secret too.
const minTokenDigits = 8

// secrets finds what shows by its form: addresses, generated tokens, and
// whatever is assigned to the name secure. Linear in the text's length: each
// search goes outward from one telling byte, and never past the one before.
func (v view) secrets() []secret {
	var found []secret
	done := 0 // where the last secret ended
	for i := 0; i < len(v.text); i++ {
		if !signs.has(v.text[i]) {
			continue
		}
		var s secret
		switch v.text[i] {
		case '@':
			s = v.addressAt(i, done)
		case '_':
			s = v.tokenAt(i, done)
		case '=', ':':
			s = v.assignedAt(i, done)
			if s.to <= s.from && isQuotedAt(v.text, i) {
				s = v.addressAround(i, i+len(quotedAt), done)
			}
		}
		if s.to > s.from {
			found = append(found, s)
			done = s.to
			i = max(i, done-1)
		}
	}
	return found
}

// addressAt reads the e-mail address around the @ at i, none of it before
// low. What looks like one counts: after the domain's first point there must
// be a label of at least two characters that is no number, as in example.com
// and unlike in the version 3.6.0; or the domain is localhost or an IP address.
func (v view) addressAt(i, low int) secret { return v.addressAround(i, i+1, low) }

// addressAround is addressAt for an at sign that ends before domain.
func (v view) addressAround(i, domain, low int) secret {
	from := i
	for from > low && isLocalByte(v.text[from-1]) {
		from--
	}
	for s := from; s < i; s++ { // 'joe@example.com' is joe's address
		if isWordByte(v.text[s]) {
			from = s
			break
		}
	}
	if from == i {
		from = v.quotedBefore(i, low)
	}
	to := v.domainAfter(domain)
	if from == i || to == 0 {
		return secret{}
	}
	return secret{from, to, FoundEmail}
}

// quotedBefore reads a quoted local part, "joe smith"@... or "a@b"@..., and
// returns where it begins, or i.
func (v view) quotedBefore(i, low int) int {
	const longest = 66 // RFC 5321: 64 and the quotes
	if i < low+3 || v.text[i-1] != '"' {
		return i
	}
	escaped := v.text[i-2] == '\\' // as in JSON within JSON
	word := false
	for from := i - 2; from >= max(low, i-longest); from-- {
		b := v.text[from]
		if b == '"' && (escaped || from == low || v.text[from-1] != '\\') {
			if word {
				return from
			}
			return i
		}
		word = word || isWordByte(b)
	}
	return i
}

// domainAfter returns where the domain that begins at from ends, or 0.
func (v view) domainAfter(from int) int {
	if from < len(v.text) && v.text[from] == '[' { // joe@[192.0.2.1]
		const longest = 64
		piece := v.text[from:min(len(v.text), from+longest)]
		if end := strings.IndexByte(piece, ']'); end > 0 && strings.ContainsAny(piece[:end], ".:") {
			return from + end + 1
		}
		return 0
	}
	to := from
	for to < len(v.text) && (isWordByte(v.text[to]) || v.text[to] == '.' || v.text[to] == '-') {
		to++
	}
	for to > from && (v.text[to-1] == '.' || v.text[to-1] == '-') {
		to--
	}
	domain := v.text[from:to]
	_, labels, _ := strings.Cut(domain, ".")
	for label := range strings.SplitSeq(labels, ".") {
		if len(label) >= 2 && !isDigits(label) {
			return to
		}
	}
	if strings.EqualFold(domain, "localhost") {
		return to
	}
	return v.addressAfter(from)
}

// addressAfter returns where the IP address that begins at from ends, or 0.
func (v view) addressAfter(from int) int {
	to, marks := from, 0
	for to < len(v.text) && to-from < maxIPBytes && (isHexDigit(v.text[to]) || v.text[to] == '.' || v.text[to] == ':') {
		if !isHexDigit(v.text[to]) {
			marks++
		}
		to++
	}
	for ; marks >= 2 && to > from; to-- { // joe@192.0.2.1. and joe@::1: and joe@192.0.2.1:25
		if to < len(v.text) && isWordByte(v.text[to]) {
			continue
		}
		if _, err := netip.ParseAddr(v.text[from:to]); err == nil {
			return to
		}
	}
	return 0
}

// maxIPBytes is the length of an IPv6 address that ends in an IPv4 address.
const maxIPBytes = 45

// tokenAt reads the generated token whose underscore stands at i.
func (v view) tokenAt(i, low int) secret {
	const prefix = "i8t"
	from := i - len(prefix)
	if from < low || !strings.EqualFold(v.text[from:i], prefix) {
		return secret{}
	}
	to := i + 1
	for to < len(v.text) && isHexDigit(v.text[to]) {
		to++
	}
	if to-i-1 < minTokenDigits {
		return secret{}
	}
	return secret{from, to, FoundToken}
}

// assignedAt reads the value that the = or : at i assigns to the name secure,
// be it in a query or in JSON. The value ends at a delimiter that is escaped
// no deeper than the = is: in ?secure=a%26b the token is a&b. A JSON list or
// object is a value as a whole.
func (v view) assignedAt(i, low int) secret {
	if !v.namesSecure(i, low) {
		return secret{}
	}
	start := i + 1
	for start < len(v.text) && afterAssign.has(v.text[start]) {
		start++
	}
	if bracket := v.bracketIn(i+1, start); bracket >= 0 {
		if to := v.bracketEnd(bracket); to > start {
			return secret{start, to, FoundToken}
		}
	}
	to := start
	for to < len(v.text) && (!endsAssigned.has(v.text[to]) || v.width(to) > v.width(i)) {
		to++
	}
	if v.text[start-1:to] == tokenMark {
		return secret{} // it was taken out before
	}
	return secret{start, to, FoundToken}
}

// namesSecure reports whether the name before i is secure, also in quotes,
// x[secure], secure[] or secure[0].
func (v view) namesSecure(i, low int) bool {
	end := i
	for end > low && beforeAssign.has(v.text[end-1]) {
		end--
	}
	if v.secureBefore(end, low) {
		return true
	}
	since := max(low, i-maxIndexBytes)
	bracket := strings.LastIndexByte(v.text[since:i], '[')
	return end < i && bracket >= 0 && v.secureBefore(since+bracket, low)
}

func (v view) secureBefore(end, low int) bool {
	from := end - len(ParamSecure)
	return from >= low && strings.EqualFold(v.text[from:end], ParamSecure) && v.beginsWord(from) || secureNameBefore(v.text, end, low)
}

// maxIndexBytes is how far the index of a list is looked for, as in secure[0].
const maxIndexBytes = 16

// beginsWord reports whether no letter or digit stands before from.
func (v view) beginsWord(from int) bool {
	if from == 0 || v.text[from-1] < utf8.RuneSelf {
		return from == 0 || !isWordByte(v.text[from-1])
	}
	before, _ := utf8.DecodeLastRuneInString(v.text[:from])
	return !unicode.IsLetter(before) && !unicode.IsDigit(before)
}

// bracketIn returns where the first opening bracket in from..to stands, or -1.
func (v view) bracketIn(from, to int) int {
	for ; from < to; from++ {
		if v.text[from] == '[' || v.text[from] == '{' {
			return from
		}
	}
	return -1
}

// bracketEnd returns where the bracket closes that opens at from, or else the
// end of the text, which was cut off. A bracket that opens no list or object of
// JSON ends where it begins.
func (v view) bracketEnd(from int) int {
	rest := strings.TrimLeft(v.text[from+1:], " \t\r\n\\")
	if v.text[from] == '[' && (rest == "" || strings.IndexByte("\"[{0123456789-", rest[0]) < 0) || v.text[from] == '{' && !strings.HasPrefix(rest, `"`) {
		return from
	}
	depth := 0
	for at := from; at < len(v.text); at++ {
		switch v.text[at] {
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
