package receiver

import (
	"bytes"
	"encoding/json"
	"strings"

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

// addQualifierText takes in a qualifier whose value is text. One that is an object or a
// list all the same, as forms carry it, is read as that.
func (in *request) addQualifierText(name, text string) {
	text = hit.Trim(text)
	if raw := []byte(text); len(raw) > 0 && (raw[0] == '{' || raw[0] == '[') && json.Valid(raw) {
		in.addQualifierJSON(name, raw, nestedDepth)
		return
	}
	in.addQualifier(name, text)
}

// addQualifierJSON takes in a qualifier that JSON holds. raw is valid. A list says what
// each of its elements does, as if the parameter had been repeated.
func (in *request) addQualifierJSON(name string, raw json.RawMessage, depth int) {
	value, _ := jsonValue(raw)
	elements, isList := listOf(raw)
	switch {
	case !value.nested || depth == 0:
		in.addQualifier(name, value.text)
	case !isList:
		in.addQualifierObject(name, raw, depth-1)
	case len(elements) == 0:
		in.addQualifier(name, "")
	}
	for _, element := range elements {
		in.addQualifierJSON(name, element, depth-1)
	}
}

// addQualifierObject takes in a qualifier that is an object, such as
// {"event":{"name":"purchase"}}: the members that say what it is are qualifiers, and
// the others are parameters. An object without such a member is a word that
// nobody understands.
func (in *request) addQualifierObject(name string, raw json.RawMessage, depth int) {
	list := membersOf(raw)
	described := false // by a member that is a qualifier by its path, as event.name is
	for _, m := range list {
		described = described || hit.QualifierOf(name+"."+m.name) != hit.NoQualifier
	}
	judged := described
	for _, m := range list {
		switch path := name + "." + m.name; {
		case hit.QualifierOf(path) != hit.NoQualifier:
			in.addQualifierJSON(path, m.raw, depth)
		case describes(m.name, described && hit.QualifierOf(name) == hit.EventQualifier):
			judged = true
			in.addQualifierJSON(name, m.raw, depth)
		case hit.QualifierOf(m.name) != hit.NoQualifier: // {"event":{"name":..,"refund":true}}
			in.addQualifierJSON(m.name, m.raw, depth)
		default:
			value, _ := jsonValue(m.raw)
			in.add(path, value)
			in.addNestedQualifiers(m.name, m.raw, depth)
		}
	}
	if len(list) == 0 {
		in.addQualifier(name, "")
	} else if !judged {
		value, _ := jsonValue(raw)
		in.addQualifier(name, value.text)
	}
}

// describes reports whether a member of that name says what its object is. Of an
// event that has a name or an id, value and label are details.
func describes(member string, namedEvent bool) bool {
	switch strings.ToLower(member) {
	case "state", "status", "reason":
		return true
	case "name", "id", "type", "code", "key", "value", "text", "label", "title", "slug", "description":
		return !namedEvent
	}
	return false
}

// addNestedQualifiers takes in the qualifiers in an object or a list of a JSON body, by
// the names that lead to them: {"conversion":{"status":"rejected"}} is
// conversion.status. The object itself is a parameter all the same. raw is valid.
func (in *request) addNestedQualifiers(path string, raw json.RawMessage, depth int) {
	if depth == 0 {
		return
	}
	elements, _ := listOf(raw)
	for _, element := range elements {
		in.addNestedQualifiers(path, element, depth-1)
	}
	for _, m := range membersOf(raw) {
		name := m.name
		if path != "" {
			name = path + "." + name
		}
		if hit.QualifierOf(name) != hit.NoQualifier {
			in.addQualifierJSON(name, m.raw, depth-1)
		} else {
			in.addNestedQualifiers(name, m.raw, depth-1)
		}
	}
}

// member is one of a JSON object.
type member struct {
	name string
	raw  json.RawMessage
}

// membersOf returns all members of an object, also those whose name comes twice;
// none for anything else. raw is valid.
func membersOf(raw json.RawMessage) []member {
	var list []member
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	for decoder.More() {
		var m member
		key, err := decoder.Token()
		if err == nil {
			err = decoder.Decode(&m.raw)
		}
		if err != nil {
			return list
		}
		m.name, _ = key.(string)
		list = append(list, m)
	}
	return list
}

// listOf returns the elements of a list; false for anything else. raw is valid.
func listOf(raw json.RawMessage) (elements []json.RawMessage, ok bool) {
	if raw[0] != '[' {
		return nil, false
	}
	return elements, json.Unmarshal(raw, &elements) == nil
}
