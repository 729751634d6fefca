package spool

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// windowBytes is how many bytes are read at once.
const windowBytes = 256 << 10

// piece is a part of a segment: a record, or bytes that are not a record.
type piece struct {
	offset, next int64
	damaged      bool
	at           time.Time
	content      []byte // the scanner never writes to it again
	cause        error  // the disk's error, when the disk could not read it
}

// reason returns why a damaged piece cannot be read.
func (p piece) reason() string {
	if p.cause != nil {
		return p.cause.Error()
	}
	return "its checksum is wrong"
}

// scanner reads the pieces of a segment one after the other.
type scanner struct {
	source io.ReaderAt
	offset int64 // of the next piece
	end    int64 // where the segment ends
	window []byte
	base   int64 // the window's offset in the segment
}

// next returns the next piece, or io.EOF behind the last one. Bytes that are not a
// record are one damaged piece, up to the next record.
func (s *scanner) next() (piece, error) {
	found, err := s.find()
	if err != nil {
		return piece{}, err
	}
	s.offset = found.next
	return found, nil
}

func (s *scanner) find() (piece, error) {
	data, err := s.read(s.offset, recordHeaderBytes)
	if err != nil {
		return piece{}, err
	}
	if len(data) == 0 {
		return piece{}, io.EOF
	}
	header, ok := parseRecordHeader(data)
	if !ok {
		next, err := s.resume(s.offset + 1)
		return piece{offset: s.offset, next: next, damaged: true}, err
	}
	start := s.offset + recordHeaderBytes
	next := start + header.length
	content, err := s.read(start, int(header.length))
	switch {
	case err != nil:
		return piece{}, err
	case int64(len(content)) < header.length: // the segment ends within the record
		return piece{offset: s.offset, next: s.end, damaged: true}, nil
	case crc32.Checksum(content, castagnoli) != header.checksum:
		return piece{offset: s.offset, next: next, damaged: true}, nil
	}
	return piece{offset: s.offset, next: next, at: header.at, content: content}, nil
}

// resume returns the offset of the next record at or behind offset.
func (s *scanner) resume(offset int64) (int64, error) {
	for {
		data, err := s.read(offset, windowBytes)
		if err != nil {
			return 0, err
		}
		if len(data) < recordHeaderBytes {
			return s.end, nil
		}
		at := bytes.Index(data, []byte(marker))
		switch {
		case at < 0: // a marker may begin in the last bytes
			offset += int64(len(data) - len(marker) + 1)
			continue
		case at+recordHeaderBytes > len(data) && offset+int64(len(data)) < s.end:
			offset += int64(at)
			continue
		}
		if _, ok := parseRecordHeader(data[at:]); ok {
			return offset + int64(at), nil
		}
		offset += int64(at) + 1
	}
}

// read returns size bytes at offset, or fewer at the end of the segment.
func (s *scanner) read(offset int64, size int) ([]byte, error) {
	size = int(max(0, min(int64(size), s.end-offset)))
	if offset < s.base || offset+int64(size) > s.base+int64(len(s.window)) {
		if err := s.fill(offset, size); err != nil {
			return nil, err
		}
		size = int(max(0, min(int64(size), s.end-offset)))
	}
	start := offset - s.base
	return s.window[start : start+int64(size) : start+int64(size)], nil
}

// fill reads a new window into new memory, because contents that were returned share the
// memory of the old window.
func (s *scanner) fill(offset int64, size int) error {
	window := make([]byte, max(0, min(int64(max(size, windowBytes)), s.end-offset)))
	n, err := s.source.ReadAt(window, offset)
	if errors.Is(err, io.EOF) { // the file was shortened
		s.end = offset + int64(n)
	} else if err != nil {
		return fmt.Errorf("read at byte %d: %w", offset, err)
	}
	s.window, s.base = window[:n], offset
	return nil
}
