package receiver

import (
	"bytes"

	"integr8/pipeline/hit"
)

// tokenIn returns a token from a body where no door reads parameters: in XML, in a form
// that was cut off, deep in JSON. A token is the value that is assigned to the name
// secure, or a text in the form of a generated token. It returns "" when there is none.
// It takes time linear in the body, some nanoseconds a byte.
func tokenIn(body []byte) string {
	for at := 0; ; {
		next := indexFold(body[at:], hit.ParamSecure)
		if next < 0 {
			break
		}
		from := at + next
		at = from + len(hit.ParamSecure)
		if from > 0 && (isNameByte(body[from-1]) || body[from-1] == '/') {
			continue // insecure, </secure>
		}
		if token := tokenBehind(body[at:min(len(body), at+longestAssigned)]); token != "" {
			return token
		}
	}
	if at := indexFold(body, "i8t_"); at >= 0 {
		return string(tokenText(body[at:min(len(body), at+longestAssigned)]))
	}
	return ""
}

// longestAssigned bounds the bytes that are searched behind one name.
const longestAssigned = 512

// tokenBehind returns the first word behind the characters that assign it to a name:
// ="T", ":"T", >T, and the blank line of a multipart form. It returns "" when there is
// no such character.
func tokenBehind(text []byte) string {
	assigned := false
	for len(text) > 0 {
		switch {
		case bytes.IndexByte([]byte("=:>[{\n"), text[0]) >= 0:
			assigned = true
			text = text[1:]
		case bytes.IndexByte([]byte(" \t\r\"'\\]"), text[0]) >= 0:
			text = text[1:]
		case bytes.HasPrefix(text, []byte("<![CDATA[")):
			text = text[len("<![CDATA["):]
		case bytes.HasPrefix(text, []byte("value=")):
			text = text[len("value"):]
		case !assigned:
			return ""
		default:
			return string(tokenText(text))
		}
	}
	return ""
}

// tokenText returns the text up to the first character that ends a value.
func tokenText(text []byte) []byte {
	if end := bytes.IndexAny(text, " \t\r\n<>\"'&,;]}\\"); end >= 0 {
		return text[:end]
	}
	return text
}

// indexFold returns the index of an ASCII word in a text, ignoring case; -1 when it does
// not occur. word is in lower case.
func indexFold(text []byte, word string) int {
	for i := 0; i+len(word) <= len(text); i++ {
		if text[i]|0x20 == word[0] && bytes.EqualFold(text[i:i+len(word)], []byte(word)) {
			return i
		}
	}
	return -1
}

func isNameByte(b byte) bool {
	return 'a' <= b|0x20 && b|0x20 <= 'z' || '0' <= b && b <= '9' || b == '_'
}
