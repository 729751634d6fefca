package hit

import (
	"maps"
	"slices"
)

// pruneBytes is the part of MaxBytes for parameters before they are redacted: the
// rest is for the ids, the description and the notes.
const pruneBytes = 10 << 10

// Prune drops parameters, whole, until a hit of MaxBytes can keep the others. It
// drops bystanders before parameters of the contract, and never one that decides.
// It looks at nothing but the request, so that the sender may read its notes: none
// of them depends on whether a text is somebody's token.
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
			h.Note(name + keptByDigest)
		}
	}
	if size <= pruneBytes/maxEscape {
		return
	}
	qualifiers := 0
	for _, name := range slices.Sorted(maps.Keys(h.Params)) {
		if h.Qualifier(name) == NoQualifier {
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
		if KnownParam(name) || h.Qualifier(name) != NoQualifier {
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
// comes between Prune and redaction, so that no dropped parameter is redacted.
func (h *Hit) Shorten() {
	dropped := 0
	for name := range h.Params {
		if !KnownParam(name) && h.Qualifier(name) == NoQualifier {
			delete(h.Params, name)
			dropped++
		}
	}
	h.noteOthers(dropped, "not kept")
}
