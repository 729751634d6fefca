package receiver

import (
	"bytes"
	"encoding/json"
	"strings"

	"integr8/pipeline/hit"
)

// addQualifier adds a parameter that says something about the conversion, see
// hit.QualifierKind. It is never dropped: not when it is repeated, when its values are
// joined, and not because of its length, its encoding, or the number of parameters.
func (in *request) addQualifier(name, value string) {
	value = hit.Trim(value)
	if !validText(name) || !validText(value) {
		in.mend(name, misencoded)
	}
	if value != "" && hit.QualifierOf(name) != hit.ApprovalQualifier && hit.SaysNothing(value) {
		in.mend(name, absent)
	}
	before, repeated := in.values[name]
	if !repeated && in.searching && in.qualifiers >= hit.MaxQualifiers-canonicalNames {
		name = hit.QualifierOf(name).Canonical()
		before, repeated = in.values[name]
	}
	switch {
	case !repeated:
		in.qualifiers++
	case len(before) <= longestWord:
		value = hit.JoinQualifiers(before, value)
	case hit.QualifierOf(name) != hit.ApprovalQualifier:
		return // it is no word any more, whatever follows
	default: // nor does it approve or refuse
		refusal, refused := hit.ApprovalRefusal(value)
		if !refused {
			return
		}
		value = refusal
	}
	in.values[name] = value
}

// canonicalNames is how many names hit.QualifierKind.Canonical returns. So many are
// reserved for searchBody, which never refuses the request.
const canonicalNames = 5

// saysOfConversion adds a parameter if it is a qualifier of the family, and reports
// whether it was added. It also adds the qualifiers in a text that is JSON or a form, and a value that
// plainly denies the conversion; when it returns false after that, the parameter is kept
// like any other.
func (in *request) saysOfConversion(name string, value sent) bool {
	if hit.KnownParam(name) {
		return false
	}
	switch hit.QualifierIn(name, value.text) {
	case hit.NoQualifier:
	case hit.DenialQualifier:
		in.addDenial(name, value.text)
		return true
	default:
		in.addQualifierText(name, value.text)
		return true
	}
	if !value.nested {
		in.addTextWithin(name, value.text)
	}
	return false
}

// addDenial adds a parameter whose value plainly denies the conversion. Only what denies is
// kept of all its values, so that none of them hides it, and nothing replaces it. Past
// hit.MaxDenials it is kept under the canonical name, and so never refuses the request.
func (in *request) addDenial(name, value string) {
	if !hit.Denies(name, in.values[name]) && (in.denials >= hit.MaxDenials || in.searching && in.qualifiers >= hit.MaxQualifiers-canonicalNames) {
		name = hit.DenialQualifier.Canonical()
	}
	before, repeated := in.values[name]
	if !repeated || !hit.Denies(name, before) {
		in.denials++
		in.qualifiers++
	}
	if repeated && before != "" {
		in.mend(name, denying)
		value = before + ", " + value
	}
	in.values[name], _ = hit.Denial(name, value)
}

// isJSONText reports whether the text of a parameter is an object or a list.
func isJSONText(raw []byte) bool {
	return len(raw) > 1 && (raw[0] == '{' || raw[0] == '[') && json.Valid(raw)
}

// longestWord is longer than any word that a qualifier may have.
const longestWord = 256

// nestedBytes bounds the bytes that are read of qualifiers that are objects or lists: each
// of these is read once for every object and list around it. A body of 64 KiB may be
// nested 4 times, and one of 4 KiB 64 times; a qualifier that is nested deeper counts as
// an unknown word. With 1 MiB one body of 64 KiB took 77 ms of CPU and 26 MB.
const nestedBytes = 256 << 10

// unreadWord is the value of a qualifier that is not read.
const unreadWord = "{..}"

// addQualifierText adds a qualifier whose value is text. A text that is a JSON object or
// list, as in forms, is read as JSON.
func (in *request) addQualifierText(name, text string) {
	text = hit.Trim(text)
	if raw := []byte(text); isJSONText(raw) {
		in.addQualifierJSON(name, raw)
		return
	}
	in.addQualifier(name, text)
}

// addQualifierJSON adds a qualifier whose value is JSON; raw is valid. Each element of a
// list counts, as if the parameter had been repeated.
func (in *request) addQualifierJSON(name string, raw json.RawMessage) {
	if in.nestedBytes += len(raw); in.nestedBytes > nestedBytes {
		in.addQualifier(name, unreadWord)
		return
	}
	value, _ := jsonValue(raw)
	elements, isList := listOf(raw)
	switch {
	case !value.nested:
		in.addQualifier(name, value.text)
	case !isList:
		in.addQualifierObject(name, raw)
	case len(elements) == 0:
		in.addQualifier(name, "")
	}
	for _, element := range elements {
		in.addQualifierJSON(name, element)
	}
}

// addQualifierObject adds a qualifier that is an object, such as
// {"event":{"name":"purchase"}}: the members that describe it are qualifiers, and
// the others are parameters. An object without such a member counts as an unknown word.
func (in *request) addQualifierObject(name string, raw json.RawMessage) {
	list := membersOf(raw)
	described := false // by a member that is a qualifier by its path, as event.name is
	for _, m := range list {
		described = described || hit.QualifierOf(pathOf(name, m.name)) != hit.NoQualifier
	}
	judged := described
	for _, m := range list {
		switch path := pathOf(name, m.name); {
		case hit.QualifierOf(path) != hit.NoQualifier:
			in.addQualifierJSON(path, m.raw)
		case describes(m.name, described && hit.QualifierOf(name) == hit.EventQualifier):
			judged = true
			in.addQualifierJSON(name, m.raw)
		case hit.QualifierOf(m.name) != hit.NoQualifier: // {"event":{"name":..,"refund":true}}
			in.addQualifierJSON(m.name, m.raw)
		default:
			value, _ := jsonValue(m.raw)
			in.add(path, value)
			in.addNestedQualifiers(m.name, m.raw)
		}
	}
	if len(list) == 0 {
		in.addQualifier(name, "")
	} else if !judged {
		value, _ := jsonValue(raw)
		in.addQualifier(name, value.text)
	}
}

// describes reports whether a member of that name describes its object. In an
// event with a name or an id, value and label are details.
func describes(member string, namedEvent bool) bool {
	switch strings.ToLower(member) {
	case "state", "status", "reason":
		return true
	case "name", "id", "type", "code", "key", "value", "text", "label", "title", "slug", "description":
		return !namedEvent
	}
	return false
}

// member is a member of a JSON object.
type member struct {
	name string
	raw  json.RawMessage
}

// membersOf returns all members of an object, including those with the same name; it
// returns none for any other value. raw is valid.
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

// listOf returns the elements of a list, or false for any other value. raw is valid.
func listOf(raw json.RawMessage) (elements []json.RawMessage, ok bool) {
	if raw[0] != '[' {
		return nil, false
	}
	return elements, json.Unmarshal(raw, &elements) == nil
}
