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

// MinImportedToken is the shortest imported token, in bytes, that is told in
// a place where it does not belong; shorter ones would be found in ordinary
// values. Under the name secure a token of any length is removed.
const MinImportedToken = 6

// knownTokens finds tokens that only the directory can tell, because they
// were imported and have any shape: as the whole text, or as a word of a URL,
// a JSON text or a sentence.
func (v view) knownTokens(isToken func(Digest) bool) []secret {
	var found []secret
	try := func(from, to int) bool {
		if to-from < MinImportedToken || !isToken(DigestOf(v.text[from:to])) {
			return false
		}
		found = append(found, secret{from, to, FoundToken})
		return true
	}
	for from := 0; from < len(v.text); {
		to := from
		for to < len(v.text) && !delimiters.has(v.text[to]) {
			to++
		}
		if to-from >= MinImportedToken && !try(from, to) {
			v.tryParts(from, to, try)
		}
		from = to + 1
	}
	return found
}

// tryParts tries what a word of the view is made of: what follows its first
// equals sign, where a token may hold anything, or else each part between the
// marks of a URL.
func (v view) tryParts(from, to int, try func(from, to int) bool) {
	if equals := strings.IndexByte(v.text[from:to], '='); equals >= 0 && try(from+equals+1, to) {
		return
	}
	for at := from; at < to; {
		end := at
		for end < to && !partMarks.has(v.text[end]) {
			end++
		}
		if end-at < to-from {
			try(at, end)
		}
		at = end + 1
	}
}

// byteSet tells quickly whether a byte is one of a few.
type byteSet [256]bool

func setOf(members string) *byteSet {
	set := new(byteSet)
	for i := range len(members) {
		set[members[i]] = true
	}
	return set
}

// andUnprintable adds control characters and everything outside ASCII.
func (s *byteSet) andUnprintable() *byteSet {
	for b := range s {
		s[b] = s[b] || b < ' ' || b > '~'
	}
	return s
}

func (s *byteSet) has(b byte) bool { return s[b] }

var (
	delimiters   = setOf("%&?#;, \"'<>{}()[]\\").andUnprintable()
	partMarks    = setOf("=/:")
	localMarks   = setOf(".+-%!'*^~$`|\\")
	beforeAssign = setOf(" \"'\\[]")
	afterAssign  = setOf(" \"'\\[{")
	endsAssigned = setOf("&#\"<> \t\r\n")
)

// isWordByte tells what names and labels are made of; all text outside ASCII
// counts, so that a secret never ends inside a character.
func isWordByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_' || b >= 0x80
}

// isLocalByte tells what the part before the @ is made of: what RFC 5322
// allows there, less what separates the parameters of a URL.
func isLocalByte(b byte) bool {
	return isWordByte(b) || localMarks.has(b)
}
