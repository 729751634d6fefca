package hit

import "strings"

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
		var s secret
		switch v.text[i] {
		case '@':
			s = v.addressAt(i, done)
		case '_':
			s = v.tokenAt(i, done)
		case '=', ':':
			s = v.assignedAt(i, done)
		default:
			continue
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
// and unlike in the version 3.6.0.
func (v view) addressAt(i, low int) secret {
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
	to := v.domainAfter(i + 1)
	if from == i || to == 0 {
		return secret{}
	}
	return secret{from, to, FoundEmail}
}

// quotedBefore reads a quoted local part, "joe smith"@..., and answers where
// it begins, or i.
func (v view) quotedBefore(i, low int) int {
	const longest = 66 // RFC 5321: 64 and the quotes
	if i == low || v.text[i-1] != '"' {
		return i
	}
	for from := i - 2; from >= max(low, i-longest); from-- {
		switch b := v.text[from]; {
		case b == '"' && from < i-2:
			return from
		case b != ' ' && !isLocalByte(b):
			return i
		}
	}
	return i
}

// domainAfter answers where the domain that begins at from ends, or 0.
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
	_, labels, _ := strings.Cut(v.text[from:to], ".")
	for label := range strings.SplitSeq(labels, ".") {
		if len(label) >= 2 && !isDigits(label) {
			return to
		}
	}
	return 0
}

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
// no deeper than the = is: in ?secure=a%26b the token is a&b.
func (v view) assignedAt(i, low int) secret {
	end := i
	for end > low && beforeAssign.has(v.text[end-1]) {
		end--
	}
	from := end - len(ParamSecure)
	if from < low || !strings.EqualFold(v.text[from:end], ParamSecure) || from > 0 && isWordByte(v.text[from-1]) {
		return secret{}
	}
	start := i + 1
	for start < len(v.text) && afterAssign.has(v.text[start]) {
		start++
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
