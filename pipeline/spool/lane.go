package spool

import (
	"maps"
	"slices"
	"time"
)

// share is what a segment holds of one lane.
type share struct {
	drained int64 // up to where
	records int64 // that are not drained
	oldest  time.Time
}

// of returns the lane's share of a segment, which may be empty.
func (s *segment) of(lane string) *share {
	found := s.shares[lane]
	if found == nil {
		found = &share{drained: headerBytes}
		s.shares[lane] = found
	}
	return found
}

// add counts a record that is not drained.
func (s *segment) add(lane string, at time.Time) {
	own := s.of(lane)
	if own.records == 0 {
		own.oldest = at
	}
	own.records++
}

// left counts the records of all lanes that are not drained.
func (s *segment) left() (records int64) {
	for _, own := range s.shares {
		records += own.records
	}
	return records
}

// oldest is when the first record was appended that is not drained; zero where
// all are.
func (s *segment) oldest() (oldest time.Time) {
	for _, own := range s.shares {
		if own.records > 0 && (oldest.IsZero() || own.oldest.Before(oldest)) {
			oldest = own.oldest
		}
	}
	return oldest
}

// floor is up to where every lane is drained.
func (s *segment) floor() int64 {
	floor := s.end
	for _, own := range s.shares {
		if own.records > 0 {
			floor = min(floor, own.drained)
		}
	}
	return floor
}

// Lanes names the lanes that have something to read, sorted.
func (l *Log) Lanes() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := map[string]bool{}
	for _, s := range l.segments {
		for lane, own := range s.shares {
			if own.records > 0 {
				found[lane] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
