package store

import (
	"slices"
	"time"
)

// replicaMark is what the primary had written at a time, in bytes of its log.
type replicaMark struct {
	at      time.Time
	written int64
}

// replicaMarks are marks in the order of time.
type replicaMarks []replicaMark

// add adds a mark, and drops those from before a time but the newest of them: a replica
// that has reached none of the others is older than that.
func (m *replicaMarks) add(mark replicaMark, before time.Time) {
	kept := *m
	for len(kept) > 1 && kept[1].at.Before(before) {
		kept = kept[1:]
	}
	*m = append(slices.Clip(kept), mark)
}

// reached returns the time of the newest mark that a replica has reached, which has
// replayed so many bytes; zero when it has reached none.
func (m replicaMarks) reached(replayed int64) time.Time {
	for _, mark := range slices.Backward(m) {
		if mark.written <= replayed {
			return mark.at
		}
	}
	return time.Time{}
}
