package receiver

import (
	"encoding/json"

	"integr8/pipeline/hit"
)

// addQualifier takes in a parameter that says something about the conversion, see
// hit.Qualifier. Nothing makes it disappear: neither a repeat, whose values are
// joined, nor its length, its encoding, or how many parameters there are.
func (in *request) addQualifier(name, value string) {
	value = hit.Trim(value)
	before, repeated := in.values[name]
	switch {
	case !repeated:
		in.qualifiers++
	case len(before) > longestWord:
		return // it is no word any more, whatever follows
	default:
		value = hit.JoinQualifiers(before, value)
	}
	in.values[name] = value
}

// longestWord is longer than any word that a qualifier may have.
const longestWord = 256

// nestedDepth is how deep qualifiers are looked for in a JSON body. The names of
// the family have two words at most, and a noun or two before them.
const nestedDepth = 4

// addNestedQualifiers takes in the qualifiers in an object or a list of a JSON body, by
// the names that lead to them: {"conversion":{"status":"rejected"}} is
// conversion.status. The object itself is a parameter all the same. raw is valid.
func (in *request) addNestedQualifiers(path string, raw json.RawMessage, depth int) {
	if depth == 0 {
		return
	}
	var members map[string]json.RawMessage
	var elements []json.RawMessage
	switch raw[0] {
	case '[':
		if err := json.Unmarshal(raw, &elements); err != nil {
			return
		}
		for _, element := range elements {
			in.addNestedQualifiers(path, element, depth-1)
		}
	case '{':
		if err := json.Unmarshal(raw, &members); err != nil {
			return
		}
		for name, member := range members {
			if path != "" {
				name = path + "." + name
			}
			if hit.QualifierOf(name) != hit.NoQualifier {
				value, _ := jsonValue(member)
				in.addQualifier(name, value.text)
			}
			in.addNestedQualifiers(name, member, depth-1)
		}
	}
}
