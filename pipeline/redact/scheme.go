package redact

import "strings"

// schemes are the words that stand before the secret in an Authorization header.
var schemes = [...]string{"Bearer", "Basic", "Digest", "Token", "ApiKey", "Api-Key", "Key", "OAuth", "DPoP", "GNAP", "Hawk", "HOBA", "JWT", "MAC", "Mutual",
	"Negotiate", "NTLM", "PrivateToken", "SSWS", "vapid", "SCRAM-SHA-1", "SCRAM-SHA-256"}

// isScheme reports whether a word names a scheme, in any letter case.
func isScheme(word string) bool {
	for _, scheme := range schemes {
		if strings.EqualFold(word, scheme) {
			return true
		}
	}
	return false
}

// secondWordEnd returns where the word ends that follows the blanks at from, see wordEnd.
// It may be in quotes, or assign a value in quotes: Token token="abc".
func (v view) secondWordEnd(from, i int) int {
	start := from
	for start < len(v.text) && (v.text[start] == ' ' || v.text[start] == '\t') {
		start++
	}
	to := v.wordEnd(start, i)
	if to < len(v.text) && v.isQuote(to) && (to == start || v.text[to-1] == '=') {
		return v.quoteEnd(to)
	}
	return to
}
