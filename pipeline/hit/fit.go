package hit

import (
	"maps"
	"slices"
)

// Fit cuts texts until the encoded hit has at most limit bytes, which is MaxBytes
// or MaxShortBytes, and notes which texts it cut. Parameters that decide stay as
// they are. Of the rest, Fit cuts first what matters least: parameters that are not
// of the contract, then the description of the request, then the details. It leaves
// room for the incarnation and the number, which a hit gets last.
func (h *Hit) Fit(limit int) {
	limit -= maxNumberBytes
	if h.mostBytes() <= limit || h.encodedBytes() <= limit {
		return
	}
	sent := *h
	h.Params = map[string]string{}
	for _, foreign := range foreignTexts {
		if foreign.weight != uncut {
			*foreign.at(h) = ""
		}
	}
	for name, value := range sent.Params {
		if sent.decidingBytes(name) > 0 {
			h.Params[name] = value
		}
	}
	room := &room{left: limit - h.encodedBytes() - maxNotesBytes}
	room.keepTexts(h, &sent, aboveDetails)
	for _, name := range details {
		value, has := sent.Params[name]
		switch {
		case !has:
		case room.take(pairBytes(name, value)):
			h.Params[name] = value
		case isLabel(name) && room.take(pairBytes(name, "")):
			h.Params[name] = room.keep(name, value)
		default:
			room.cut = append(room.cut, name)
		}
	}
	room.keepTexts(h, &sent, belowDetails)
	dropped := 0
	for _, name := range slices.Sorted(maps.Keys(sent.Params)) {
		if KnownParam(name) || sent.Qualifier(name) != NoQualifier {
			continue
		}
		if size := pairBytes(name, sent.Params[name]); room.take(size) {
			h.Params[name] = sent.Params[name]
		} else {
			dropped++
		}
	}
	h.noteAll("cut, the hit is too large: ", room.cut)
	h.noteOthers(dropped, "dropped, the hit is too large")
}

// maxNumberBytes bounds Incarnation and Number in the encoded hit.
const maxNumberBytes = len(`,"incarnation":,"number":`) + 2*19

// maxNotesBytes bounds Fit's own notes: the names of all that can be cut, and the
// sentences around them.
const maxNotesBytes = 512

// room is the part of a hit's bound that is not used yet.
type room struct {
	left int
	cut  []string // what did not fit whole
}

// take uses size bytes if so many are left, and otherwise none.
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

// keepTexts puts back as much of the foreign texts of a weight as fits.
func (r *room) keepTexts(h, sent *Hit, weight weight) {
	for _, foreign := range foreignTexts {
		if foreign.weight == weight {
			*foreign.at(h) = r.keep(foreign.what, *foreign.at(sent))
		}
	}
}

// mostBytes bounds the length of the hit's JSON form, at next to no cost.
func (h *Hit) mostBytes() int {
	const names = 768 // and ids, digests, numbers, the time
	return names + maxEscape*h.textBytes()
}

// encodedBytes is how long the hit's JSON form is.
func (h *Hit) encodedBytes() int {
	data, err := h.Encode()
	if err != nil {
		return 0 // it cannot travel anyway
	}
	return len(data)
}
