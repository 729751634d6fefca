package receiver

import (
	"bytes"
	"encoding/json"

	"integr8/pipeline/hit"
)

// level is an open object or list.
type level struct {
	path   string
	object bool
	// next is the path of a member whose name was read. inside is set when its value
	// comes next.
	next   string
	inside bool
}

// addNestedQualifiers adds the qualifiers in JSON, at any depth. Their names are the paths
// to them: {"conversion":{"status":"rejected"}} is conversion.status. The object
// itself is a parameter too. JSON that is cut off or malformed is read up to that place,
// and the result reports whether it is complete. It is read once, token by
// token: 64 KiB of opening brackets take some milliseconds and 4 MB.
func (in *request) addNestedQualifiers(path string, raw []byte) (whole bool) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var levels []level
	for {
		token, err := decoder.Token()
		if err != nil {
			return len(levels) == 0 && decoder.InputOffset() > 0
		}
		if delim, isDelim := token.(json.Delim); isDelim && (delim == '}' || delim == ']') {
			levels = levels[:len(levels)-1]
			continue
		}
		name := path
		if len(levels) > 0 {
			top := &levels[len(levels)-1]
			if key, isText := token.(string); isText && top.object && !top.inside {
				top.next = pathOf(top.path, key)
				top.inside = !in.addMemberQualifier(top.next, decoder, raw)
				continue
			}
			if name = top.path; top.inside {
				name, top.inside = top.next, false
			}
		}
		switch token := token.(type) {
		case json.Delim:
			levels = append(levels, level{path: name, object: token == '{'})
		case string:
			in.addNestedValue(name, token)
		case json.Number:
			in.addNestedText(name, token.String())
		}
	}
}

// addMemberQualifier adds the value of a member if its name is of the family, and
// reports whether it is. From a value that is cut off it adds the existing part.
func (in *request) addMemberQualifier(name string, decoder *json.Decoder, raw []byte) bool {
	if hit.QualifierOf(name) == hit.NoQualifier {
		return false
	}
	begin := decoder.InputOffset()
	var value json.RawMessage
	if decoder.Decode(&value) == nil {
		in.addQualifierJSON(name, value)
		return true
	}
	rest := bytes.TrimLeft(raw[begin:], ": \t\r\n")
	if in.nestedBytes += len(rest); in.nestedBytes > nestedBytes {
		in.addQualifier(name, unreadWord)
	} else {
		in.addNestedQualifiers(name, rest)
	}
	return true
}

// addNestedText adds a text or a number in JSON if it denies the conversion.
func (in *request) addNestedText(name, text string) {
	if name != "" && hit.QualifierIn(name, text) == hit.DenialQualifier {
		in.addDenial(name, text)
	}
}

// longestPath bounds the length of a path. Paths of qualifiers of the family are shorter.
const longestPath = 96

// deepPath replaces the beginning of a longer path. It is not a word of the family.
const deepPath = "nested"

// pathOf returns the path of a member: the path of its object and its name.
func pathOf(path, name string) string {
	switch {
	case path == "":
		return name
	case len(path)+len(name) > longestPath:
		return deepPath + "." + name
	}
	return path + "." + name
}
