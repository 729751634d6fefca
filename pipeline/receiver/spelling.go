package receiver

import (
	"maps"
	"slices"
	"strings"

	"integr8/pipeline/hit"
	"integr8/pipeline/redact"
)

// splitTail removes from an id the text that another system has appended: parameters
// behind a second question mark or an encoded ampersand (publisher=2?fbclid=x),
// which are added as parameters, a fragment, or a slash at the end. In a tracking link
// it also removes the text that a page or a mail left around a number.
func (in *request) splitTail(name string, value sent) sent {
	if in.kind == hit.Click {
		if number, tail, ok := hit.NumberWithin(value.text); ok {
			in.mend(name, glued)
			in.addTail(tail)
			return sent{text: number}
		}
	}
	if start := tailStart(value.text); start >= 0 {
		in.mend(name, glued)
		in.addTail(value.text[start:])
		value.text = value.text[:start]
	}
	value.text = strings.TrimSuffix(strings.TrimSpace(value.text), "/")
	return value
}

// tailStart returns the index at which a tail begins; -1 when there is none. A character
// that also separates the elements of a list begins a tail only before the name of a
// parameter.
func tailStart(text string) int {
	for i := range len(text) {
		switch text[i] {
		case '?', '&', '#':
			return i
		case ';', ',', '|', ' ':
			if beginsPair(text[i+1:]) {
				return i
			}
		}
	}
	return -1
}

// beginsPair reports whether a text begins with a name and an equals sign.
func beginsPair(text string) bool {
	for i := range len(text) {
		if text[i] == '=' {
			return i > 0
		}
		if !isNameByte(text[i]) && text[i] != '-' {
			return false
		}
	}
	return false
}

// addTail adds the parameters of a tail, which begins with a question mark, an ampersand,
// or another character that separates its parameters. From a fragment it adds only
// qualifiers.
func (in *request) addTail(tail string) {
	tail, fragment, _ := strings.Cut(tail, "#")
	in.addGluedQualifiers(fragment)
	if tail == "" || strings.IndexByte(gluing, tail[0]) < 0 {
		return
	}
	separator := rune(tail[0])
	for pair := range strings.FieldsFuncSeq(tail, func(r rune) bool { return r == '?' || r == '&' || r == separator }) {
		name, value, _ := strings.Cut(pair, "=")
		in.add(name, sent{text: value})
	}
}

// addGlued searches the other parameters of a tracking link for its offer and its
// publisher, when they are missing. The author of the link separated its parameters by a
// character other than an ampersand, or encoded the ampersand, as in sub_id=a;offer=1.
// The text before that character remains the label.
func (in *request) addGlued() {
	for _, missing := range [...]string{hit.ParamOffer, hit.ParamPublisher} {
		if in.values[missing] != "" {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(in.values)) {
			in.unglue(name, missing)
			in.addOtherCase()
			if in.values[missing] != "" {
				break
			}
		}
	}
}

// unglue adds the parameters that are glued to a parameter, if the missing one is among
// them.
func (in *request) unglue(name, missing string) {
	value := in.values[name]
	if cut := strings.LastIndexAny(name, gluing); cut >= 0 && strings.EqualFold(name[cut+1:], missing) { // ?a;offer=1
		delete(in.values, name)
		in.mend(name, glued)
		in.add(missing, sent{text: value})
		return
	}
	if at := gluedAt(value, missing); at >= 0 {
		in.values[name] = strings.TrimSuffix(value[:at], "&amp")
		in.mend(name, glued)
		in.addTail(value[at:])
	}
}

// gluedAt returns the index of the separator behind which the parameters begin that are
// glued to a value, if the missing one is among them in any letter case, and otherwise
// -1. It reads the value once: of several separators before an equals sign only the last
// one begins a name.
func gluedAt(value, missing string) int {
	begin, separator := -1, -1
	for i := range len(value) {
		switch {
		case strings.IndexByte(gluing, value[i]) >= 0:
			separator = i
		case value[i] == '=' && separator >= 0:
			name := value[separator+1 : i]
			if begin < 0 && (hit.KnownParam(strings.ToLower(name)) || redact.IsSecureParam(name)) {
				begin = separator
			}
			if begin >= 0 && strings.EqualFold(name, missing) {
				return begin
			}
			separator = -1
		}
	}
	return -1
}

// gluing holds the characters behind which addTail reads parameters.
const gluing = "?&;,| "

// addGluedQualifiers adds the qualifiers among the pairs in a text, and nothing else. The
// text is a fragment, or the value of a parameter to which a sender
// has glued others by encoding the separator: order_id=A1%26status%3Drejected.
func (in *request) addGluedQualifiers(text string) {
	if in.kind == hit.Click {
		return
	}
	if strings.IndexByte(text, '=') < 0 && strings.IndexByte(text, '%') >= 0 {
		text, _ = unescape(text) // encoded twice
	}
	if strings.IndexByte(text, '=') < 0 {
		return // nearly every value: it costs no allocation
	}
	for pair := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("?&#;,| ", r) }) {
		if name, value, found := strings.Cut(pair, "="); found && name != "" {
			in.saysOfConversion(name, sent{text: value})
		}
	}
}

// named is a parameter that is added after all others.
type named struct {
	name  string
	value sent
}

// isOtherCase reports whether a name is one of ours except for its letter case, as
// in Offer=1. It then keeps the parameter for addOtherCase.
func (in *request) isOtherCase(name string, value sent) bool {
	lower := strings.ToLower(name)
	if lower == name || !hit.KnownParam(lower) {
		return false
	}
	in.otherCase = append(in.otherCase, named{name, value})
	return true
}

// addOtherCase adds the parameters of a tracking link whose names are ours
// except for their letter case. When the parameter itself was sent too, the other one
// is a label, and does not refuse the click.
func (in *request) addOtherCase() {
	for len(in.otherCase) > 0 { // one that is added may end in others
		p := in.otherCase[0]
		in.otherCase = in.otherCase[1:]
		if ours := strings.ToLower(p.name); in.values[ours] == "" {
			in.add(ours, p.value)
		} else if in.count++; in.count <= in.limits.MaxParams {
			in.addBystander(p.name, p.value)
		} else {
			in.mend(p.name, surplus)
		}
	}
}
