package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// Batch is some records of one lane in the order in which they were appended.
type Batch struct {
	// Contents is empty when the records that were there cannot be read. The caller may
	// keep the contents, and must not change them.
	Contents [][]byte

	lane    string
	segment *segment
	next    int64     // the offset behind the last of them
	oldest  time.Time // when the record behind the batch was appended; zero when unknown
	unsent  bool
}

// Unsent marks a batch with a record that can never be published. Commit then keeps the
// file.
func (b *Batch) Unsent() { b.unsent = true }

// reader reads the segment from which a lane is drained.
type reader struct {
	segment *segment
	file    source
	patched *patched
}

// Read returns the oldest records of a lane that are not committed: as many as
// there are within both bounds, and at least one; nil when there is none. Called
// again before Commit it returns the same. Only one goroutine may call Read and
// Commit.
func (l *Log) Read(lane string, maxRecords, maxBytes int) (*Batch, error) {
	for {
		s, from, end := l.oldestSegment(lane)
		if s == nil {
			return nil, nil
		}
		reader, err := l.startReading(lane, s)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			l.dropSegment(s, piece{offset: from, next: end, cause: err})
			continue
		case unreadable(err):
			l.dropSegment(s, piece{offset: from, next: end, cause: err})
			l.setAside(s.path, err)
			continue
		case err != nil:
			return nil, err
		}
		found := &Batch{lane: lane, segment: s, next: from}
		return found, l.readFrom(reader, found, end, maxRecords, maxBytes)
	}
}

func (l *Log) readFrom(from *reader, found *Batch, end int64, maxRecords, maxBytes int) error {
	s := found.segment
	pieces := scanner{source: from.patched, offset: found.next, end: end}
	for bytes := 0; ; {
		next, err := pieces.next()
		switch {
		case errors.Is(err, io.EOF):
			if found.next < end { // the file was shortened
				l.addDamage(s, piece{offset: found.next, next: end})
				found.next = end
			}
			return nil
		case err != nil:
			return fmt.Errorf("read the spool: %s: %w", s.path, err)
		case next.damaged:
			if from.patched.patches(next) {
				next.cause = from.patched.err
			}
			l.addDamage(s, next)
			found.next = next.next
			continue
		case l.options.Lane(next.content) != found.lane:
			found.next = next.next
			continue
		}
		bytes += len(next.content)
		if len(found.Contents) == maxRecords || len(found.Contents) > 0 && bytes > maxBytes {
			found.oldest = next.at
			return nil
		}
		found.Contents = append(found.Contents, next.content)
		found.next = next.next
	}
}

// dropSegment drops a segment whose file was removed from outside or cannot be opened.
func (l *Log) dropSegment(s *segment, lost piece) {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reportDamage(s, lost)
	if l.active != nil && l.active.segment == s {
		_ = l.active.file.Close() // its records are lost already
		l.active = nil
	}
	clear(s.shares)
	l.segments = slices.DeleteFunc(l.segments, func(other *segment) bool { return other == s })
}

// oldestSegment returns the segment to read for a lane, and the part of it to read.
func (l *Log) oldestSegment(lane string) (s *segment, from, end int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		if own := s.shares[lane]; own != nil && own.records > 0 {
			return s, max(own.drained, s.savedFloor), s.end
		}
	}
	return nil, 0, 0
}

func (l *Log) addDamage(s *segment, damage piece) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !s.damage[damage.offset] {
		s.damage[damage.offset] = true
		l.reportDamage(s, damage)
	}
}

func (l *Log) startReading(lane string, s *segment) (*reader, error) {
	if open := l.readers[lane]; open != nil && open.segment == s {
		return open, nil
	}
	if err := l.stopReading(lane); err != nil {
		return nil, err
	}
	opened, err := l.options.openSegment(s.path, os.O_RDWR)
	if err != nil {
		return nil, fmt.Errorf("read the spool: %w", err)
	}
	l.readers[lane] = &reader{segment: s, file: opened, patched: &patched{source: opened}}
	return l.readers[lane], nil
}

func (l *Log) stopReading(lane string) error {
	open := l.readers[lane]
	if open == nil {
		return nil
	}
	delete(l.readers, lane)
	if err := open.file.Close(); err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	return nil
}

// Commit records that a batch is stored elsewhere: it is not read again, and the
// space of a drained segment is freed. After an error the batch counts as committed
// in this Log, but may be read again after the next Open. The same is true when the
// disk cannot store the position, which is logged, and when the machine loses its
// power, because a commit is not fsynced.
func (l *Log) Commit(done *Batch) error {
	s := done.segment
	oldest := done.oldest
	if oldest.IsZero() {
		oldest = l.appendedAt(done)
	}
	l.mu.Lock()
	own := s.of(done.lane)
	own.drained = done.next
	own.records = max(0, own.records-int64(len(done.Contents)))
	s.unsent = s.unsent || done.unsent
	l.drained += uint64(len(done.Contents))
	if !oldest.IsZero() {
		own.oldest = oldest
	}
	if own.drained >= s.end {
		own.records = 0 // some may have turned out to be unreadable
	}
	finished, floor := s.left() == 0, s.floor()
	l.mu.Unlock()
	if finished {
		return l.free(s)
	}
	l.saveCursor(done.lane, s.number, done.next)
	l.saveFloor(done, floor)
	return nil
}

// saveFloor writes the offset up to which all lanes are drained into the segment's
// header. An earlier version of integr8 reads only that, and it is used when a cursor
// is lost.
func (l *Log) saveFloor(done *Batch, floor int64) {
	s, open := done.segment, l.readers[done.lane]
	if floor <= s.savedFloor || open == nil {
		return
	}
	_, err := open.file.WriteAt(slot(floor), slotsAt+int64(s.slot)*slotBytes)
	s.slot = (s.slot + 1) % slots
	s.savedFloor = floor
	if err != nil && !s.saveFailed {
		s.saveFailed = true
		l.options.Logger.Warn("the drain position of the spool cannot be saved, so hits are published again after the next start",
			"segment", s.path, "error", err)
	}
}

// appendedAt returns when the record behind a batch was appended; zero when there is
// none yet, or it cannot be read.
func (l *Log) appendedAt(done *Batch) time.Time {
	open := l.readers[done.lane]
	data := make([]byte, recordHeaderBytes)
	if open == nil {
		return time.Time{}
	}
	if _, err := open.file.ReadAt(data, done.next); err != nil {
		return time.Time{}
	}
	header, _ := parseRecordHeader(data)
	return header.at
}

// free removes a drained segment, unless it was appended to meanwhile.
func (l *Log) free(s *segment) (err error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.left() > 0 || !slices.Contains(l.segments, s) {
		return nil
	}
	for lane, open := range l.readers {
		if open.segment == s {
			err = errors.Join(err, l.stopReading(lane))
		}
	}
	if l.active != nil && l.active.segment == s {
		err = errors.Join(err, l.active.file.Close())
		l.active = nil
	}
	if err = errors.Join(err, l.remove(s)); len(l.segments) == 0 {
		l.dropCursors()
	}
	return err
}
