package hit

import "strings"

// form is the form of a field's value. Each form is a type of functions that
// return where a hit holds the value. How the values of a form are written, read
// and checked stands in one place, so that a new field is one line in fields.
type form interface {
	// appendTo appends the value as JSON after its key. Where the value is empty and
	// omitted it appends nothing.
	appendTo(data []byte, key string, empty presence, h *Hit) ([]byte, error)
	// readPlain reads the value that rest begins with, in the very form that appendTo
	// writes of a value in which nothing is escaped, and returns the rest after it.
	// It returns false for anything else: package json then reads the hit.
	readPlain(rest string, h *Hit) (after string, ok bool)
}

// textual is a form whose values hold texts.
type textual interface {
	form
	// hasNUL reports whether a text of the value holds a NUL.
	hasNUL(h *Hit) bool
	// textBytes returns the length of the value's texts, with the marks that
	// separate them in JSON.
	textBytes(h *Hit) int
}

// text is the form of a string.
type text func(*Hit) *string

func (at text) appendTo(data []byte, key string, empty presence, h *Hit) ([]byte, error) {
	value := *at(h)
	if value == "" && empty == omitted {
		return data, nil
	}
	return appendQuoted(append(data, key...), value)
}

func (at text) readPlain(rest string, h *Hit) (after string, ok bool) {
	*at(h), after, ok = plainText(rest)
	return after, ok
}

func (at text) hasNUL(h *Hit) bool { return holdsNUL(*at(h)) }

func (at text) textBytes(h *Hit) int { return len(*at(h)) }

func holdsNUL(text string) bool { return strings.IndexByte(text, 0) >= 0 }

// plainText reads a text in quotes, up to its closing quote.
func plainText(rest string) (text, after string, ok bool) {
	if rest, ok = strings.CutPrefix(rest, `"`); !ok {
		return "", "", false
	}
	return strings.Cut(rest, `"`)
}
