package hit

import "unicode/utf8"

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
	s[0x7F] = true
	return s.andControls().andOutsideASCII()
}

func (s *byteSet) andControls() *byteSet {
	for b := range ' ' {
		s[b] = true
	}
	return s
}

func (s *byteSet) andOutsideASCII() *byteSet {
	for b := utf8.RuneSelf; b < len(s); b++ {
		s[b] = true
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

// isIn reports whether a text holds one of the bytes.
func (s *byteSet) isIn(text string) bool {
	for i := range len(text) {
		if s[text[i]] {
			return true
		}
	}
	return false
}

// The bytes that bound and make up what is searched for: words that may be
// tokens and their parts, an address's local part, and around an assignment
// to secure what may stand before and after the sign, and what ends the value.
var (
	delimiters   = setOf("%&?#;, \"'<>{}()[]\\").andUnprintable()
	partMarks    = setOf("=/:")
	localMarks   = setOf(".+-%!'*^~$`|\\")
	beforeAssign = setOf(" \"'\\[]")
	afterAssign  = setOf(" \"'\\[{")
	endsAssigned = setOf("&#\"<> \t\r\n")
	// partEdges stand around a token in a sentence, wordMarks between one and what
	// it is glued to. Any of them may be part of a token too: partings are tried
	// in turn.
	partEdges = setOf(".,-_+!*~|$^`@")
	wordMarks = setOf(".,+!*~|$^`@")
	partings  = [...]*byteSet{partMarks, setOf("|!*$^`,"), wordMarks, setOf("=/:.,+!*~|$^`@")}
	// partingsOf has a bit for each of partings that a byte is a mark of.
	partingsOf = bitsOf(partings[:])
	// opensNumber may stand before a number that was pasted, endsNumber behind it:
	// no mark that separates the numbers of a list, or the parts of one number.
	opensNumber = setOf("\"'`<([{")
	endsNumber  = setOf("?&#%\"'`<>()[]{}\\")
	// macroMarks are those of which one stands around every macro.
	macroMarks = setOf("{[<(%#*")
	// mayEscape holds the first bytes of all that decodeView undoes: escapes,
	// and in UTF-8 full-width and invisible characters.
	mayEscape = setOf("%\\&\xC2\xD8\xE1\xE2\xE3\xEF")
	// signs each stand in a secret that shows by its form, see secrets.
	signs = setOf("@_=:")
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
