package hit

import (
	"fmt"
	"slices"
	"strings"
)

// Note adds a note unless it is there.
func (h *Hit) Note(text string) {
	if !slices.Contains(h.Notes, text) {
		h.Notes = append(h.Notes, text)
	}
}

// noteAll notes what was done with parts of the request, which have names of ours.
func (h *Hit) noteAll(done string, names []string) {
	if len(names) > 0 {
		h.Note(done + strings.Join(names, ", "))
	}
}

// noteOthers notes what was done with n parameters of other names, which a note
// never repeats.
func (h *Hit) noteOthers(n int, done string) {
	switch {
	case n == 1:
		h.Note("1" + otherParameter + " was " + done)
	case n > 1:
		h.Note(fmt.Sprintf("%d%ss were %s", n, otherParameter, done))
	}
}

// keptByDigest follows the name of a parameter that whole keeps by its digest.
const keptByDigest = " is too long, it is kept by its beginning and its digest"

// otherParameter stands in every note about parameters that are not named.
const otherParameter = " other parameter"
