package spool

import (
	"maps"
	"slices"
	"time"
)

// share is the part of a segment that belongs to one lane.
type share struct {
	drained int64     // the offset up to which the lane is drained
	records int64     // number of records that are not drained
	oldest  time.Time // when the oldest of them was appended
}

// of returns the lane's share of a segment; it makes an empty one where there is none.
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

// oldest returns when the oldest record was appended that is not drained; zero when all
// are drained.
func (s *segment) oldest() (oldest time.Time) {
	for _, own := range s.shares {
		if own.records > 0 && (oldest.IsZero() || own.oldest.Before(oldest)) {
			oldest = own.oldest
		}
	}
	return oldest
}

// floor returns the offset up to which every lane is drained.
func (s *segment) floor() int64 {
	floor := s.end
	for _, own := range s.shares {
		if own.records > 0 {
			floor = min(floor, own.drained)
		}
	}
	return floor
}

// LaneRecords counts the records of a lane that are not drained.
func (l *Log) LaneRecords(lane string) (records int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		if own := s.shares[lane]; own != nil {
			records += own.records
		}
	}
	return records
}

// Lanes returns the names of the lanes that have records to read, sorted.
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
