package hit

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of a hit in its encoded form. A hit is bounded in three steps, in
// this order: Prune drops parameters before anything is redacted, Redactor.Hit
// takes the secrets out, Fit cuts what redaction and encoding made too long.
// Nothing is cut before it is redacted, because half a secret shows by no form.
const (
	// MaxBytes bounds every hit.
	MaxBytes = 16 << 10
	// MaxShortBytes bounds a hit that Shorten has been called for: one that is
	// refused, or whose token the door does not know.
	MaxShortBytes = 6 << 10
)

// The bounds of single parameters that decide, encoded. What Verify, Number,
// Amount and Currency accept is below the first.
const (
	maxDecidingBytes = 160
	maxKeyBytes      = 512
)

// decidingBytes is the bound of a parameter that decides; 0 for any other.
func (h *Hit) decidingBytes(name string) int {
	switch name {
	case ParamExternalTransactionID, ParamOrderID:
		return maxKeyBytes
	case ParamTransactionID, ParamOffer, ParamPublisher, ParamRevenue, ParamPayout, ParamCurrency:
		return maxDecidingBytes
	}
	if h.qualifier(name) != NoQualifier {
		return maxQualifierValueBytes
	}
	return 0
}

// keptByDigest follows the name of a parameter for which whole gives a digest.
const keptByDigest = " is too long, it is kept by its beginning and its digest"

// pruneBytes is what parameters may take of MaxBytes before they are redacted:
// the rest is for the ids, the description and the notes.
const pruneBytes = 10 << 10

// Prune drops parameters, whole, until those that are left can be kept by a
// hit of MaxBytes, bystanders before those of the contract; what decides is
// never dropped. It looks at what was sent and at nothing else, so that what
// it notes may be told to the sender: no note of it depends on whether a text
// is somebody's token.
//
// It also bounds what redaction may cost.
func (h *Hit) Prune() {
	size := paramBytes(h.Params)
	if size <= maxKeyBytes/maxEscape {
		return
	}
	left := pruneBytes
	for _, name := range deciding {
		value, sent := h.Params[name]
		if !sent {
			continue
		}
		bytes, limit := escapedBytes(value), h.decidingBytes(name)
		left -= min(escapedBytes(name)+bytes+pairMarks, limit)
		if bytes > limit {
			h.note(name + keptByDigest)
		}
	}
	if size <= pruneBytes/maxEscape {
		return
	}
	qualifiers := 0
	for _, name := range slices.Sorted(maps.Keys(h.Params)) {
		if h.qualifier(name) == NoQualifier {
			continue
		}
		if qualifiers++; qualifiers > MaxQualifiers { // the door refuses the request
			delete(h.Params, name)
			continue
		}
		left -= maxQualifierNameBytes + maxQualifierValueBytes
	}
	h.noteOthers(qualifiers-MaxQualifiers, "dropped, the request has too many events and statuses")
	var dropped []string
	for _, name := range details {
		value, sent := h.Params[name]
		if size := pairBytes(name, value); sent && size > left {
			delete(h.Params, name)
			dropped = append(dropped, name)
		} else if sent {
			left -= size
		}
	}
	others := 0
	for _, name := range slices.Sorted(maps.Keys(h.Params)) {
		if KnownParam(name) || h.qualifier(name) != NoQualifier {
			continue
		}
		if size := pairBytes(name, h.Params[name]); size > left {
			delete(h.Params, name)
			others++
		} else {
			left -= size
		}
	}
	h.noteAll("dropped, the request is too large: ", dropped)
	h.noteOthers(others, "dropped, the request is too large")
}

// Shorten drops every parameter that is neither of the contract nor a qualifier. It
// comes between Prune and redaction, so that what is dropped costs nothing.
func (h *Hit) Shorten() {
	dropped := 0
	for name := range h.Params {
		if !KnownParam(name) && h.qualifier(name) == NoQualifier {
			delete(h.Params, name)
			dropped++
		}
	}
	h.noteOthers(dropped, "not kept")
}

// Fit cuts texts until the encoded hit has at most limit bytes, which is
// MaxBytes or MaxShortBytes, and notes which. The params that decide stay as
// they are; of the rest what matters least is cut first: parameters that are
// not of the contract, the description of the request, the details.
func (h *Hit) Fit(limit int) {
	if h.mostBytes() <= limit || h.encodedBytes() <= limit {
		return
	}
	whole := *h
	h.Params = map[string]string{}
	h.Host, h.Path, h.Destination, h.UserAgent, h.Referer = "", "", "", "", ""
	for name, value := range whole.Params {
		if h.decidingBytes(name) > 0 {
			h.Params[name] = value
		}
	}
	room := &room{left: limit - h.encodedBytes() - maxNotesBytes}
	h.Host = room.keep("host", whole.Host)
	h.Path = room.keep("path", whole.Path)
	for _, name := range details {
		value, sent := whole.Params[name]
		switch {
		case !sent:
		case room.take(pairBytes(name, value)):
			h.Params[name] = value
		case isLabel(name) && room.take(pairBytes(name, "")):
			h.Params[name] = room.keep(name, value)
		default:
			room.cut = append(room.cut, name)
		}
	}
	h.Destination = room.keep("destination", whole.Destination)
	h.UserAgent = room.keep("user agent", whole.UserAgent)
	h.Referer = room.keep("referer", whole.Referer)
	dropped := 0
	for _, name := range slices.Sorted(maps.Keys(whole.Params)) {
		if KnownParam(name) || h.qualifier(name) != NoQualifier {
			continue
		}
		if size := pairBytes(name, whole.Params[name]); room.take(size) {
			h.Params[name] = whole.Params[name]
		} else {
			dropped++
		}
	}
	h.noteAll("cut, the hit is too large: ", room.cut)
	h.noteOthers(dropped, "dropped, the hit is too large")
}

// maxNotesBytes is what Fit's own notes take at most: the names of all that can
// be cut, and the sentences around them.
const maxNotesBytes = 512

// room is what is left of a hit's bound.
type room struct {
	left int
	cut  []string // what did not fit whole
}

// take takes so many bytes if they are left.
func (r *room) take(size int) bool {
	if size > r.left {
		return false
	}
	r.left -= size
	return true
}

// keep returns as much of the text as fits.
func (r *room) keep(what, text string) string {
	kept := cutEncoded(text, r.left)
	r.left -= escapedBytes(kept)
	if len(kept) < len(text) {
		r.cut = append(r.cut, what)
	}
	return kept
}

// note adds a note unless it is there.
func (h *Hit) note(text string) {
	if !slices.Contains(h.Notes, text) {
		h.Notes = append(h.Notes, text)
	}
}

// noteAll notes what was done with parts of the request, by names of ours.
func (h *Hit) noteAll(done string, names []string) {
	if len(names) > 0 {
		h.note(done + strings.Join(names, ", "))
	}
}

// noteOthers notes what was done with parameters whose names are not ours to
// repeat.
func (h *Hit) noteOthers(n int, done string) {
	switch {
	case n == 1:
		h.note("1" + otherParameter + " was " + done)
	case n > 1:
		h.note(fmt.Sprintf("%d%ss were %s", n, otherParameter, done))
	}
}

// whole returns the value of a parameter that decides in the form in which it is
// recorded: as it is, or, where it is longer than any that is in use, as its
// beginning and the SHA-256 of all of it. So two values are recorded as the same
// only if they are, wherever they were sent, and no id or amount becomes
// another one: with the digest at its end it is neither. A value that was sent in
// that very form is recorded by its digest too: it is another one than the value
// that is recorded so.
func whole(value string, limit int) string {
	if escapedBytes(value) <= limit && !endsInDigest(value) {
		return value
	}
	digest := digestMark + sha256Hex(value) + "]"
	return cutEncoded(value, limit-len(digest)) + digest
}

// digestMark begins the digest in what whole returns.
const digestMark = "[sha256:"

func endsInDigest(value string) bool {
	from := len(value) - len(digestMark) - 2*sha256.Size - len("]")
	return from >= 0 && value[len(value)-1] == ']' && strings.HasPrefix(value[from:], digestMark)
}

// maxEscape is how many bytes one byte of a text takes at most in JSON: a
// control character.
const maxEscape = len(`\u0001`)

// mostBytes bounds what the hit's JSON form takes, at next to no cost.
func (h *Hit) mostBytes() int {
	const names = 768 // and ids, digests, numbers, the time
	texts := len(h.Method) + len(h.Host) + len(h.Path) + len(h.Destination) + len(h.ClientIP) + len(h.UserAgent) + len(h.Referer)
	for _, note := range h.Notes {
		texts += len(note) + len(`"",`)
	}
	return names + maxEscape*(texts+paramBytes(h.Params))
}

// encodedBytes is how long the hit's JSON form is.
func (h *Hit) encodedBytes() int {
	data, err := h.Encode()
	if err != nil {
		return 0 // it cannot travel anyway
	}
	return len(data)
}

// paramBytes is what names and values have together.
func paramBytes(params map[string]string) int {
	size := 0
	for name, value := range params {
		size += len(name) + len(value) + pairMarks
	}
	return size
}

// pairBytes is what a parameter takes in JSON.
func pairBytes(name, value string) int {
	return escapedBytes(name) + escapedBytes(value) + pairMarks
}

// pairMarks is what stands around the two texts of a parameter in JSON.
const pairMarks = len(`"":"",`)

// escapedBytes is what a text takes in JSON between its quotes. The text need
// not be UTF-8; what is not becomes U+FFFD.
func escapedBytes(text string) int {
	if !lengthened.isIn(text) {
		return len(text)
	}
	size := 0
	for _, r := range text {
		size += escapedRune(r)
	}
	return size
}

// lengthened are the bytes whose characters may take more in JSON than they take.
var lengthened = setOf("\"\\").andControls().andOutsideASCII()

func escapedRune(r rune) int {
	switch {
	case r == '"' || r == '\\' || r == '\b' || r == '\f' || r == '\n' || r == '\r' || r == '\t':
		return 2
	case r < ' ':
		return maxEscape
	default:
		return utf8.RuneLen(r)
	}
}

// cutEncoded shortens valid UTF-8 so that it takes at most room bytes in JSON,
// without splitting a character.
func cutEncoded(text string, room int) string {
	for i, r := range text {
		if room -= escapedRune(r); room < 0 {
			return text[:i]
		}
	}
	return text
}
