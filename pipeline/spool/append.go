package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"integr8/pipeline/failure"
)

// The most records and bytes that one fsync makes durable.
const (
	groupItems = 1024
	groupBytes = 1 << 20
)

// hangAfter is the time of one write after which the disk counts as failing. It is far
// longer than a busy disk takes, and longer than senders like to wait.
const hangAfter = 3 * time.Second

// file is the file of a segment, as it is written; tests replace it.
type file interface {
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

func createFile(path string) (file, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// activeSegment is the segment that appends go to.
type activeSegment struct {
	*segment
	file file
	// listed is set once the directory entry is durable too.
	listed bool
}

// Append writes the content as a record and returns when it is on disk; appends
// of other callers share the fsync. The error is ErrFull, ErrFailing, ErrClosed,
// permanent for a content above MaxRecordBytes, or the cause of ctx when that ends
// first. After an error the record may be on disk or not. The caller must not change
// the content afterwards.
func (l *Log) Append(ctx context.Context, content []byte) error {
	if len(content) > MaxRecordBytes {
		return failure.Never(fmt.Errorf("append to the spool: %d bytes are more than the %d of a record", len(content), MaxRecordBytes))
	}
	if err := l.hanging(); err != nil {
		return err
	}
	return l.group.Do(ctx, content)
}

// flush makes the records of a group durable, all or none.
func (l *Log) flush(contents [][]byte) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	now := time.Now()
	size := 0
	for _, content := range contents {
		size += recordHeaderBytes + len(content)
	}
	if err := l.beginWrite(now, int64(size)); err != nil {
		return err
	}
	buffer := make([]byte, 0, size)
	for _, content := range contents {
		buffer = appendRecord(buffer, content, now)
	}
	err := l.write(buffer)
	if err != nil {
		l.retire()
		err = fmt.Errorf("%w: %w", ErrFailing, err)
	}
	l.endWrite(err, contents, int64(size), now)
	return err
}

// beginWrite marks the start of a write. It returns an error when the Log is closed or
// full.
func (l *Log) beginWrite(now time.Time, size int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return ErrClosed
	case l.used()+size+headerBytes > l.options.MaxBytes:
		l.full = true
		return ErrFull
	}
	l.busy = now
	return nil
}

// used returns the bytes on disk that count against MaxBytes.
func (l *Log) used() int64 {
	used := int64(0)
	for _, s := range l.segments {
		used += s.size
	}
	return used
}

// write appends to the active segment, or to a new one when that is full.
func (l *Log) write(buffer []byte) error {
	if l.active != nil && l.active.end+int64(len(buffer)) > l.options.SegmentBytes {
		err := l.active.file.Close() // all in it is on disk
		l.active = nil
		if err != nil {
			return fmt.Errorf("close a segment: %w", err)
		}
	}
	if l.active == nil {
		if err := l.begin(); err != nil {
			return err
		}
	}
	if _, err := l.active.file.WriteAt(buffer, l.active.end); err != nil {
		return fmt.Errorf("write a segment: %w", err)
	}
	if err := l.active.file.Sync(); err != nil {
		return fmt.Errorf("sync a segment: %w", err)
	}
	if !l.active.listed {
		if err := syncDirectory(l.options.Dir); err != nil {
			return err
		}
		l.active.listed = true
	}
	return nil
}

// begin makes a new active segment.
func (l *Log) begin() error {
	l.mu.Lock()
	s := newSegment(l.options.Dir, l.next)
	l.next++
	l.mu.Unlock()
	created, err := l.options.create(s.path)
	if err != nil {
		return fmt.Errorf("begin a segment: %w", err)
	}
	l.mu.Lock()
	l.segments = append(l.segments, s)
	l.mu.Unlock()
	l.active = &activeSegment{segment: s, file: created}
	if _, err := created.WriteAt(segmentHeader(magic), 0); err != nil {
		return fmt.Errorf("begin a segment: %w", err)
	}
	return nil
}

func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync the spool directory: %w", err)
	}
	err = directory.Sync()
	if err = errors.Join(err, directory.Close()); err != nil {
		return fmt.Errorf("sync the spool directory: %w", err)
	}
	return nil
}

// retire closes the active segment after a failed write. Its records up to end were
// durable before. The bytes that the failed write left behind end are cut off if the
// disk allows it, and otherwise never read.
func (l *Log) retire() {
	if l.active == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.active.segment
	if err := l.active.file.Truncate(s.end); err == nil {
		s.size = s.end
	}
	_ = l.active.file.Close() // all records that were reported as durable are on disk already
	l.active = nil
	if s.left() == 0 {
		_ = l.remove(s) // it is empty: if this fails, the next start removes it
	}
}

// endWrite marks the end of a write and counts its records.
func (l *Log) endWrite(err error, contents [][]byte, size int64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = time.Time{}
	l.signal()
	if err != nil {
		l.diskFailed(err)
		return
	}
	s := l.active.segment
	for _, content := range contents {
		s.add(l.options.Lane(content), now)
	}
	s.end += size
	s.size = s.end
	l.appended += uint64(len(contents))
	l.full = false
	l.diskWorks()
}
