package receiver

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"integr8/pipeline/hit"
	"integr8/pipeline/redact"
)

// mending is one kind of change to parameters that are not strict.
type mending int

// Every mending, in the order of the notes.
const (
	again mending = iota
	joined
	denying
	misencoded
	long
	nested
	capital
	glued
	unread
	surplus
	absent
	unfilled
	oversize
	mendingsInAll
)

// mendingNotes are the texts of the notes, which follow the names of the parameters.
var mendingNotes = [mendingsInAll]string{
	again:      "sent more than once, the first value is kept",
	joined:     "sent more than once, all values are kept and none counts",
	denying:    "sent more than once, all that denies the conversion is kept",
	misencoded: "not UTF-8 or not percent-encoded, what cannot be read was replaced or kept as sent",
	long:       "too long, cut",
	nested:     "not plain text, kept as JSON",
	capital:    "in capital letters, read as small ones",
	glued:      "followed by a second question mark or by other marks, what stands behind them is read as other parameters or left out",
	unread:     "cannot be read throughout, what cannot is left out",
	surplus:    "dropped, the request has too many",
	absent:     "sent with a word for nothing such as null, counts as absent",
	unfilled:   "a placeholder that was never filled in, counts as absent",
	oversize:   "too large, left out",
}

// namesTold bounds how many parameters a note names, because notes count towards the size
// of a hit. A note contains only names of our own parameters.
const namesTold = 3

// mendings holds, for each mending, the parameters that were changed.
type mendings [mendingsInAll]struct {
	names []string
	// others is set when a changed parameter is not named.
	others bool
}

func (in *request) mend(name string, done mending) {
	if in.mended == nil {
		in.mended = new(mendings)
	}
	m := &in.mended[done]
	switch {
	case slices.Contains(m.names, name):
	case len(m.names) < namesTold && (hit.IsOurName(name) || name == theBody || name == thePath):
		m.names = append(m.names, name)
	default:
		m.others = true
	}
}

// notes returns one note for each mending that was made.
func (in *request) notes() []string {
	if in.mended == nil {
		return nil
	}
	var notes []string
	for done, m := range in.mended {
		if m.others {
			m.names = append(m.names, "other parameters")
		}
		if len(m.names) > 0 {
			notes = append(notes, fmt.Sprintf("%s: %s", strings.Join(m.names, ", "), mendingNotes[done]))
		}
	}
	return notes
}

// mendName removes text in front of or behind a name that hides one of our own names:
// the rest of an & that was escaped for HTML, a second question mark, white space.
func (in *request) mendName(name string) string {
	mended := strings.TrimSpace(name)
	for {
		before := mended
		mended = strings.TrimSpace(strings.TrimPrefix(strings.TrimLeft(mended, "?&"), "amp;"))
		if mended == before {
			break
		}
	}
	if mended != name && (hit.KnownParam(mended) || redact.IsSecureParam(mended)) {
		return mended
	}
	return name
}

// unescape decodes percent-encoding. Where that is malformed, as in 50%-off, it decodes
// the valid parts and keeps the rest.
func unescape(text string) (decoded string, broken bool) {
	if decoded, err := url.QueryUnescape(text); err == nil {
		return decoded, false
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+':
			b.WriteByte(' ')
		case text[i] != '%':
			b.WriteByte(text[i])
		default:
			piece, err := url.QueryUnescape(text[i:min(i+3, len(text))])
			if err != nil {
				b.WriteByte('%')
				break
			}
			b.WriteString(piece)
			i += 2
		}
	}
	return b.String(), true
}
