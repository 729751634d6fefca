package receiver

import (
	"strings"

	"integr8/pipeline/hit"
)

// splitTail takes away from an id what another system has appended: parameters
// behind a second question mark or an encoded ampersand (publisher=2?fbclid=x),
// which are read as such, a fragment, or a slash at the end. In a tracking link
// it also takes away what a page or a mail left around a number.
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

func tailStart(text string) int {
	for i := range len(text) {
		switch text[i] {
		case '?', '&', '#':
			return i
		}
	}
	return -1
}

// addTail takes in the parameters of a tail. A fragment holds none.
func (in *request) addTail(tail string) {
	tail, _, _ = strings.Cut(tail, "#")
	if tailStart(tail) != 0 {
		return
	}
	for pair := range strings.FieldsFuncSeq(tail, func(r rune) bool { return r == '?' || r == '&' }) {
		name, value, _ := strings.Cut(pair, "=")
		in.add(name, sent{text: value})
	}
}

// named is a parameter that waits until all others are there.
type named struct {
	name  string
	value sent
}

// isOtherCase reports whether a name is one of ours but for its letter case, as
// in Offer=1, and keeps the parameter for addOtherCase.
func (in *request) isOtherCase(name string, value sent) bool {
	lower := strings.ToLower(name)
	if lower == name || !hit.KnownParam(lower) {
		return false
	}
	in.otherCase = append(in.otherCase, named{name, value})
	return true
}

// addOtherCase takes in the parameters of a tracking link whose names are ours
// but for their letter case. Where the parameter itself was sent too, such a one
// is a label: the visitor is sent on.
func (in *request) addOtherCase() {
	waiting := in.otherCase
	in.otherCase = nil
	for _, p := range waiting {
		if ours := strings.ToLower(p.name); in.values[ours] == "" {
			in.add(ours, p.value)
		} else if in.count++; in.count <= in.limits.MaxParams {
			in.addBystander(p.name, p.value)
		} else {
			in.mend(p.name, surplus)
		}
	}
}
