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

// Batch is some records in the order in which they were appended.
type Batch struct {
	// Contents may be empty: what was there cannot be read. They may be kept,
	// and must not be changed.
	Contents [][]byte

	segment *segment
	next    int64 // behind the last of them
	unsent  bool
}

// Unsent says of a batch that not all of it could be published, nor ever will
// be, so that Commit keeps its file.
func (b *Batch) Unsent() { b.unsent = true }

// Read answers the oldest records that are not committed, as many as there are
// up to both bounds, and at least one; nil when there is none. Called again
// before Commit it answers the same. Only one goroutine may read and commit.
func (l *Log) Read(maxRecords, maxBytes int) (*Batch, error) {
	for {
		s, from, end := l.oldestSegment()
		if s == nil {
			return nil, nil
		}
		switch err := l.startReading(s); {
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
		return l.readFrom(s, from, end, maxRecords, maxBytes)
	}
}

func (l *Log) readFrom(s *segment, from, end int64, maxRecords, maxBytes int) (*Batch, error) {
	found := &Batch{segment: s, next: from}
	pieces := scanner{source: l.readingPatched, offset: from, end: end}
	for bytes := 0; ; {
		next, err := pieces.next()
		switch {
		case errors.Is(err, io.EOF):
			if found.next < end { // the file was shortened
				l.noteDamage(s, piece{offset: found.next, next: end})
				found.next = end
			}
			return found, nil
		case err != nil:
			return nil, fmt.Errorf("read the spool: %s: %w", s.path, err)
		case next.damaged:
			if l.readingPatched.patches(next) {
				next.cause = l.readingPatched.err
			}
			l.noteDamage(s, next)
			found.next = next.next
			continue
		}
		bytes += len(next.content)
		if len(found.Contents) == maxRecords || len(found.Contents) > 0 && bytes > maxBytes {
			return found, nil
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
	s.drained, s.records = s.end, 0
	l.segments = slices.DeleteFunc(l.segments, func(other *segment) bool { return other == s })
}

// oldestSegment answers the segment to read, and which part of it.
func (l *Log) oldestSegment() (s *segment, from, end int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		if s.drained < s.end {
			return s, s.drained, s.end
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

func (l *Log) startReading(s *segment) error {
	if l.readingSegment == s {
		return nil
	}
	if err := l.stopReading(); err != nil {
		return err
	}
	opened, err := l.options.openSegment(s.path, os.O_RDWR)
	if err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	l.reading, l.readingPatched, l.readingSegment = opened, &patched{source: opened}, s
	return nil
}

func (l *Log) stopReading() error {
	if l.reading == nil {
		return nil
	}
	err := l.reading.Close()
	l.reading, l.readingPatched, l.readingSegment = nil, nil, nil
	if err != nil {
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
	oldest, known := l.appendedAt(done.next)
	l.mu.Lock()
	s.drained = done.next
	s.records = max(0, s.records-int64(len(done.Contents)))
	s.unsent = s.unsent || done.unsent
	l.drained += uint64(len(done.Contents))
	if known {
		s.oldest = oldest
	}
	finished := s.drained >= s.end
	if finished {
		s.records = 0 // some may have turned out to be unreadable
	}
	l.mu.Unlock()
	if finished {
		return l.free(s)
	}
	_, err := l.reading.WriteAt(slot(done.next), slotsAt+int64(s.slot)*slotBytes)
	s.slot = (s.slot + 1) % slots
	if err != nil && !s.unnoted {
		s.unnoted = true
		l.options.Logger.Warn("how far the spool is drained cannot be noted, so hits come again after the next start",
			"segment", s.path, "error", err)
	}
	return nil
}

// appendedAt tells when the record at offset was appended.
func (l *Log) appendedAt(offset int64) (time.Time, bool) {
	data := make([]byte, recordHeaderBytes)
	if _, err := l.reading.ReadAt(data, offset); err != nil {
		return time.Time{}, false // mostly because there is none yet
	}
	header, ok := parseRecordHeader(data)
	return header.at, ok
}

// free removes a drained segment, unless it was appended to meanwhile.
func (l *Log) free(s *segment) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.drained < s.end || !slices.Contains(l.segments, s) {
		return nil
	}
	err := l.stopReading()
	if l.active != nil && l.active.segment == s {
		err = errors.Join(err, l.active.file.Close())
		l.active = nil
	}
	return errors.Join(err, l.remove(s))
}
