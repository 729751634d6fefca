package receiver

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"integr8/pipeline/hit"
)

// mending is one thing that was done to parameters which are not strict.
type mending int

// Every mending, in the order in which they are told.
const (
	again mending = iota
	joined
	misencoded
	long
	nested
	glued
	unread
	surplus
	absent
	unfilled
	oversize
	mendingsInAll
)

// notes say what was done, after the names of those to which it was.
var mendingNotes = [mendingsInAll]string{
	again:      "sent more than once, the first value is kept",
	joined:     "sent more than once, all values are kept and none counts",
	misencoded: "not UTF-8 or not percent-encoded, what cannot be read was replaced or kept as sent",
	long:       "too long, cut",
	nested:     "not plain text, kept as JSON",
	glued:      "followed by a second question mark or by other marks, what stands behind them is read as other parameters or left out",
	unread:     "cannot be read throughout, what cannot is left out",
	surplus:    "dropped, the request has too many",
	absent:     "sent with a word for nothing such as null, counts as absent",
	unfilled:   "a placeholder that was never filled in, counts as absent",
	oversize:   "too large, left out",
}

// namesTold bounds how many parameters a note names: notes are part of a hit's
// bound. Names that are not ours are never repeated.
const namesTold = 3

// mendings are what was done, and to which parameters.
type mendings [mendingsInAll]struct {
	names []string
	// others is set where a parameter is not named.
	others bool
}

func (in *request) mend(name string, done mending) {
	if in.mended == nil {
		in.mended = new(mendings)
	}
	m := &in.mended[done]
	switch {
	case slices.Contains(m.names, name):
	case len(m.names) < namesTold && (hit.KnownParam(name) || name == theBody):
		m.names = append(m.names, name)
	default:
		m.others = true
	}
}

// notes returns what was mended, one note a mending.
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

// mendName takes away what does not belong to a name and hides one of the
// contract: the rest of an & that was written for HTML, a second question mark,
// white space.
func (in *request) mendName(name string) string {
	mended := strings.TrimSpace(name)
	for {
		before := mended
		mended = strings.TrimSpace(strings.TrimPrefix(strings.TrimLeft(mended, "?&"), "amp;"))
		if mended == before {
			break
		}
	}
	if mended != name && (hit.KnownParam(mended) || hit.IsSecureParam(mended)) {
		return mended
	}
	return name
}

// unescape undoes percent-encoding. Where that is broken, as in 50%-off, it
// undoes what it can and keeps the rest.
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
