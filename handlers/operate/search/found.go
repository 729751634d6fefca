package search

import (
	"bytes"
	"slices"

	"github.com/google/uuid"
)

// found is what a search has found so far: up to one row of each kind more than asked
// for, newest first.
type found struct {
	hits        []Hit
	conversions []Conversion
	notLookedAt []string
	// stopped is where the search gave up; uuid.Nil where it did not.
	stopped uuid.UUID
}

func (s *found) miss(what string) { s.notLookedAt = append(s.notLookedAt, what) }

// result cuts both lists at the same id, so that one cursor goes on behind both: at most
// limit ids, of which a hit and the conversion that it made share one.
func (s *found) result(limit int) Found {
	ids := make([]uuid.UUID, 0, len(s.hits)+len(s.conversions))
	for _, h := range s.hits {
		ids = append(ids, h.ID)
	}
	for _, c := range s.conversions {
		ids = append(ids, c.ID)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(b[:], a[:]) })
	ids = slices.Compact(ids)
	result := Found{Hits: []Hit{}, Conversions: []Conversion{}, NotLookedAt: s.notLookedAt}
	if result.NotLookedAt == nil {
		result.NotLookedAt = []string{}
	}
	last := uuid.Nil
	switch {
	case len(ids) > limit:
		last = ids[limit-1]
		next := Behind(last)
		result.Next = &next
	case s.stopped != uuid.Nil:
		next := Behind(s.stopped)
		result.Next = &next
	}
	for _, h := range s.hits {
		if bytes.Compare(h.ID[:], last[:]) >= 0 {
			h.read()
			result.Hits = append(result.Hits, h)
		}
	}
	for _, c := range s.conversions {
		if bytes.Compare(c.ID[:], last[:]) >= 0 {
			result.Conversions = append(result.Conversions, c)
		}
	}
	return result
}
