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
	// Contents may be empty: what was there cannot be read. They may be kept,
	// and must not be changed.
	Contents [][]byte

	lane    string
	segment *segment
	next    int64     // behind the last of them
	oldest  time.Time // of what follows; zero when that is not known
	unsent  bool
}

// Unsent says of a batch that not all of it could be published, nor ever will
// be, so that Commit keeps its file.
func (b *Batch) Unsent() { b.unsent = true }

// reader reads the segment from which a lane is drained.
type reader struct {
	segment *segment
	file    source
	patched *patched
}

// Read answers the oldest records of a lane that are not committed, as many as
// there are up to both bounds, and at least one; nil when there is none. Called
// again before Commit it answers the same. Only one goroutine may read and
// commit.
func (l *Log) Read(lane string, maxRecords, maxBytes int) (*Batch, error) {
	for {
		s, from, end := l.oldestSegment(lane)
		if s == nil {
			return nil, nil
		}
		reader, err := l.startReading(lane, s)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			l.forget(s, piece{offset: from, next: end, cause: err})
			continue
		case unreadable(err):
			l.forget(s, piece{offset: from, next: end, cause: err})
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
				l.noteDamage(s, piece{offset: found.next, next: end})
				found.next = end
			}
			return nil
		case err != nil:
			return fmt.Errorf("read the spool: %s: %w", s.path, err)
		case next.damaged:
			if from.patched.patches(next) {
				next.cause = from.patched.err
			}
			l.noteDamage(s, next)
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

// forget gives up a segment whose file somebody took away, or that cannot be
// opened.
func (l *Log) forget(s *segment, lost piece) {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reportDamage(s, lost)
	if l.active != nil && l.active.segment == s {
		_ = l.active.file.Close() // what it held is gone
		l.active = nil
	}
	clear(s.shares)
	l.segments = slices.DeleteFunc(l.segments, func(other *segment) bool { return other == s })
}

// oldestSegment returns the segment to read for a lane, and which part of it.
func (l *Log) oldestSegment(lane string) (s *segment, from, end int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		if own := s.shares[lane]; own != nil && own.records > 0 {
			return s, max(own.drained, s.noted), s.end
		}
	}
	return nil, 0, 0
}

func (l *Log) noteDamage(s *segment, damage piece) {
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

// Commit says that a batch is safe elsewhere: it is not read again, and the
// space of a segment that is drained is freed. After an error it is committed
// all the same for this Log, but may be read again after the next Open. The
// same holds when the disk does not let it be noted, which is logged, and when
// the machine loses its power: a commit is not fsynced.
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
	l.note(done.lane, s.number, done.next)
	l.noteFloor(done, floor)
	return nil
}

// noteFloor writes into a segment up to where all lanes are drained: what an
// earlier version goes by, and what is left if a cursor is lost.
func (l *Log) noteFloor(done *Batch, floor int64) {
	s, open := done.segment, l.readers[done.lane]
	if floor <= s.noted || open == nil {
		return
	}
	_, err := open.file.WriteAt(slot(floor), slotsAt+int64(s.slot)*slotBytes)
	s.slot = (s.slot + 1) % slots
	s.noted = floor
	if err != nil && !s.unnoted {
		s.unnoted = true
		l.options.Logger.Warn("how far the spool is drained cannot be noted, so hits come again after the next start",
			"segment", s.path, "error", err)
	}
}

// appendedAt returns when the record behind a batch was appended; zero when there
// is none yet.
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
