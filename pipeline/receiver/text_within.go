package receiver

import (
	"strings"

	"integr8/pipeline/hit"
)

// textDepth bounds how often a text may stand within a text: JSON as a text in JSON, a
// form as the value of a form, and any of them percent-encoded once more.
const textDepth = 8

// addTextWithin adds the qualifiers in the text of a parameter that is a JSON object, a
// JSON list or a form itself, as in payload={"data":"{\"status\":\"rejected\"}"} and
// custom=a%3D1%26status%3Drejected. Their names are the paths to them. It reads no deeper
// than textDepth, and together with the qualifiers no more than nestedBytes.
func (in *request) addTextWithin(path, text string) {
	if strings.IndexByte(text, '=') < 0 && strings.IndexByte(text, '{') < 0 && strings.IndexByte(text, '[') < 0 && !holdsEscapedMark(text) {
		return // nearly every value: it costs no allocation
	}
	text = hit.Trim(text)
	if in.textDepth == textDepth || in.nestedBytes+len(text) > nestedBytes {
		return
	}
	in.textDepth++
	in.nestedBytes += len(text)
	switch {
	case beginsJSON(text):
		in.addNestedQualifiers(path, []byte(text))
	case strings.IndexByte(text, '=') >= 0:
		in.addFormWithin(path, text)
	case holdsEscapedMark(text):
		decoded, _ := unescape(text)
		in.addTextWithin(path, decoded)
	}
	in.textDepth--
}

// beginsJSON reports whether a text begins like an object or a list that holds a text, an
// object or a list. A macro, such as {status} or [status], does not.
func beginsJSON(text string) bool {
	if text == "" || text[0] != '{' && text[0] != '[' {
		return false
	}
	rest := strings.TrimLeft(text[1:], " \t\r\n")
	return rest != "" && (rest[0] == '"' || text[0] == '[' && (rest[0] == '{' || rest[0] == '['))
}

// holdsEscapedMark reports whether a text holds a percent-encoded mark of a form or of
// JSON: an equals sign or a brace.
func holdsEscapedMark(text string) bool {
	for at := strings.IndexByte(text, '%'); at >= 0 && at+2 < len(text); {
		switch text[at+1 : at+3] {
		case "3D", "3d", "7B", "7b", "25":
			return true
		}
		next := strings.IndexByte(text[at+1:], '%')
		if next < 0 {
			return false
		}
		at += 1 + next
	}
	return false
}

// formMarks are the characters that separate the pairs of a form within a text. The
// first of them that occurs is the separator.
var formMarks = [...]string{"&", ";", "\n", "|", ","}

// addFormWithin adds the qualifiers among the pairs of a form in the text of a parameter.
// The text before a pair may be a plain value, to which the pair is glued. A URL is no
// form: its query is for another page. Of the labels only those are read that are named
// for what a sender carries in them, because cookies and tags are pairs too.
func (in *request) addFormWithin(path, text string) {
	text = strings.TrimPrefix(text, "?")
	begin, _, _ := strings.Cut(text, "=")
	if strings.HasPrefix(begin, "/") || strings.Contains(begin, "://") || isLabel(path) && !carriesPairs(path) {
		return
	}
	separator := formMarks[0]
	for _, mark := range formMarks {
		if strings.Contains(text, mark) {
			separator = mark
			break
		}
	}
	for pair := range strings.SplitSeq(text, separator) {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, _ := unescape(strings.TrimSpace(rawName))
		switch {
		case isPairName(name):
			value, _ := unescape(rawValue)
			in.addNestedValue(pathOf(path, name), value)
		case len(pair) < len(text):
			in.addTextWithin(path, pair) // the next pair may be glued to it by another mark
		}
	}
}

// isLabel reports whether no word is read in a parameter of that name.
func isLabel(name string) bool { return name != "" && !hit.Denies(name, "refunded") }

// carriesPairs reports whether a label is named for a form: custom, query, tracking_params.
func carriesPairs(name string) bool {
	name = strings.ToLower(name)
	for _, carrier := range [...]string{"custom", "query", "param", "params", "var"} {
		if strings.HasSuffix(name, carrier) {
			return true
		}
	}
	return false
}

// isPairName reports whether a text may be the name in a pair: letters, digits and the
// marks between the parts of a name.
func isPairName(name string) bool {
	for i := range len(name) {
		if !isNameByte(name[i]) && strings.IndexByte("-.[]", name[i]) < 0 {
			return false
		}
	}
	return name != ""
}

// addNestedValue adds the text of a name within the text of another: a qualifier of the
// family, a value that denies the conversion, or a text that holds one.
func (in *request) addNestedValue(name, text string) {
	switch hit.QualifierIn(name, text) {
	case hit.NoQualifier:
		in.addTextWithin(name, text)
	case hit.DenialQualifier:
		in.addNestedText(name, text)
	default:
		in.addQualifierText(name, text)
	}
}
