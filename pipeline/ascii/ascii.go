// Package ascii classifies the bytes that ids, numbers, tokens and addresses are
// made of. No byte outside ASCII belongs to any class.
package ascii

// IsDigit reports whether a byte is a decimal digit.
func IsDigit(b byte) bool { return '0' <= b && b <= '9' }

// IsDigits reports whether a text is decimal digits only, and at least one.
func IsDigits(text string) bool {
	for i := range len(text) {
		if !IsDigit(text[i]) {
			return false
		}
	}
	return text != ""
}

// IsHexDigit reports whether a byte is a hexadecimal digit, in any letter case.
func IsHexDigit(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
}

// IsHex reports whether a text is hexadecimal digits only, and at least one.
func IsHex(text string) bool {
	for i := range len(text) {
		if !IsHexDigit(text[i]) {
			return false
		}
	}
	return text != ""
}

// IsLetter reports whether a byte is a letter, in any case.
func IsLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

// IsWord reports whether a text is letters, digits and underscores only. An empty
// text is a word.
func IsWord(text string) bool {
	for i := range len(text) {
		if b := text[i]; b != '_' && !IsLetter(b) && !IsDigit(b) {
			return false
		}
	}
	return true
}
