package handlers

import (
	"slices"

	"integr8/handlers/attribution"
)

// noted returns the hit's request with the note of its decision, in place of the note of
// an earlier decision. Most hits have neither, and then the request is returned unchanged.
func noted(b *postback, note string) []byte {
	if note == "" && len(b.hit.Notes) == 0 {
		return b.request
	}
	kept := slices.DeleteFunc(slices.Clone(b.hit.Notes), attribution.IsNote)
	if note == "" && len(kept) == len(b.hit.Notes) {
		return b.request
	}
	if note != "" {
		kept = append(kept, note)
	}
	h := *b.hit
	h.Notes = kept
	request, err := h.Encode()
	if err != nil {
		return b.request // impossible: the hit was decoded from this form
	}
	return request
}
