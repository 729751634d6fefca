package hit

import "unicode/utf8"

// maxEscape is how many bytes one byte of a text takes at most in JSON, as a
// control character does.
const maxEscape = len(`\u0001`)

// paramBytes returns the length of names and values, with the marks around them.
func paramBytes(params map[string]string) int {
	size := 0
	for name, value := range params {
		size += len(name) + len(value) + pairMarks
	}
	return size
}

// pairBytes returns how many bytes a parameter takes in JSON.
func pairBytes(name, value string) int {
	return escapedBytes(name) + escapedBytes(value) + pairMarks
}

// pairMarks is the length of the marks around the two texts of a parameter in JSON.
const pairMarks = len(`"":"",`)

// escapedBytes returns how many bytes a text takes in JSON between its quotes. The
// text need not be UTF-8; a byte that is not becomes U+FFFD.
func escapedBytes(text string) int {
	if !mayLengthen(text) {
		return len(text)
	}
	size := 0
	for _, r := range text {
		size += escapedRune(r)
	}
	return size
}

// mayLengthen reports whether a text holds a character that may take more bytes in
// JSON than in the text.
func mayLengthen(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b >= utf8.RuneSelf || b == '"' || b == '\\' {
			return true
		}
	}
	return false
}

func escapedRune(r rune) int {
	switch {
	case r == '"' || r == '\\' || r == '\b' || r == '\f' || r == '\n' || r == '\r' || r == '\t':
		return 2
	case r < ' ':
		return maxEscape
	default:
		return utf8.RuneLen(r)
	}
}

// cutEncoded shortens valid UTF-8 so that it takes at most room bytes in JSON,
// without splitting a character.
func cutEncoded(text string, room int) string {
	for i, r := range text {
		if room -= escapedRune(r); room < 0 {
			return text[:i]
		}
	}
	return text
}
