package redact

// byteSet holds some of the 256 bytes.
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

// bitsOf returns for each byte a bit for each set that it is in.
func bitsOf(sets []*byteSet) *[256]uint8 {
	bits := new([256]uint8)
	for i, set := range sets {
		for b, in := range set {
			if in {
				bits[b] |= 1 << i
			}
		}
	}
	return bits
}

func (s *byteSet) has(b byte) bool { return s[b] }

// The bytes that bound or make up a secret: those between words that may be
// tokens and between their parts, those of an address's local part, and, around an
// assignment to secure, those that may stand before and after the sign and those
// that end the value.
var (
	delimiters   = setOf("%&?#;, \"'<>{}()[]\\").andUnprintable()
	partMarks    = setOf("=/:")
	localMarks   = setOf(".+-%!'*^~$`|\\")
	beforeAssign = setOf(" \"'\\[]")
	afterAssign  = setOf(" \"'\\[{")
	endsAssigned = setOf("&#\"<> \t\r\n")
	// endsSegment holds the bytes that end a segment of a path.
	endsSegment = setOf("/?&#;,\"'<>()[]{}\\ \t\r\n")
	// partEdges stand around a token in a sentence, wordMarks between one and what
	// it is glued to. Any of them may be part of a token too: partings are tried
	// in turn.
	partEdges = setOf(".,-_+!*~|$^`@")
	wordMarks = setOf(".,+!*~|$^`@")
	partings  = [...]*byteSet{partMarks, setOf("|!*$^`,"), wordMarks, setOf("=/:.,+!*~|$^`@")}
	// partingsOf has a bit for each of partings that a byte is a mark of.
	partingsOf = bitsOf(partings[:])
	// mayEscape holds the first bytes of all that decodeView undoes: escapes,
	// and in UTF-8 full-width and invisible characters.
	mayEscape = setOf("%\\&\xC2\xD8\xE1\xE2\xE3\xEF")
	// signs each stand in a secret that shows by its form, see secrets.
	signs = setOf("@_=:/")
)

// isWordByte reports whether names and labels may hold a byte. Every byte outside
// ASCII counts, so that a secret never ends inside a character.
func isWordByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_' || b >= 0x80
}

// isGapRune reports whether a character is a blank or a control character of ASCII,
// which stand around the at sign of an address that was broken in two.
func isGapRune(r rune) bool { return r <= ' ' || r == 0x7F }

// isLocalByte reports whether the part of an address before the @ may hold a byte:
// RFC 5322 allows it there, and it does not separate the parameters of a URL.
func isLocalByte(b byte) bool {
	return isWordByte(b) || localMarks.has(b)
}
