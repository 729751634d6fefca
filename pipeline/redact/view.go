package redact

import "strings"

// view is a text with its escapes undone (percent-encoding, those of JSON and
// JavaScript, HTML entities), as often as they were nested, with full-width
// characters as their ASCII twins and without characters that do not show. It
// still knows where in the source each byte came from. A secret is looked for in
// the view and cut out of the source.
type view struct {
	source string
	text   string
	// starts holds each byte's offset in the source, and one more for the
	// end; nil when the text is the source itself.
	starts []int
	place  place
}

// place is where in a request a text stands, as far as redaction depends on it.
type place struct {
	// spaced is set for texts in which a blank may have been a +.
	spaced bool
	// digest is set for the values of hit.KeepsDigest.
	digest bool
	// path is set for the path of the request.
	path bool
}

// decodeView undoes escapes in one pass: whenever the bytes read so far end in
// an escape, its character replaces it at once, so that the result may complete
// an outer escape. Nesting of any depth thus costs time linear in the source.
func decodeView(source string) view {
	if !mayHoldEscape(source) {
		return view{source: source, text: source}
	}
	u := unescaper{text: make([]byte, 0, len(source)), starts: make([]int, 0, len(source)+1), hidden: -1}
	for i := range len(source) {
		u.add(source[i], i)
	}
	u.bareEntityBefore(len(u.text))
	return view{source: source, text: string(u.text), starts: append(u.starts, len(source))}
}

func mayHoldEscape(text string) bool {
	for i := range len(text) {
		if mayEscape.has(text[i]) {
			return text[i] != '&' || mayHoldEntity(text[i:])
		}
	}
	return false
}

// mayHoldEntity looks at the rest of a text from its first ampersand.
func mayHoldEntity(text string) bool {
	return strings.IndexByte(text, ';') >= 0 || strings.Contains(text, "&#") || mayHoldEscapeButEntity(text)
}

func mayHoldEscapeButEntity(text string) bool {
	for i := range len(text) {
		if text[i] != '&' && mayEscape.has(text[i]) {
			return true
		}
	}
	return false
}

// offsets returns where in the source the bytes from..to of the view stand.
func (v view) offsets(from, to int) (int, int) {
	if v.starts == nil {
		return from, to
	}
	return v.starts[from], v.starts[to]
}

// offset returns where in the source the byte i of the view stands.
func (v view) offset(i int) int {
	from, _ := v.offsets(i, i+1)
	return from
}

// width returns how many bytes of the source a byte of the view takes: 1, or more
// where it was escaped, and the deeper the more.
func (v view) width(i int) int {
	from, to := v.offsets(i, i+1)
	return to - from
}
