package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A segment begins with a header of headerBytes: the magic, of which the last
// byte is the version of the format; its CRC-32C; and from slotsAt on two slots
// for the offset up to which it is drained. A slot is an offset of 8 bytes and its
// CRC-32C. They are written in turn, so that one is valid whenever the process dies.
const (
	magic       = "i8spool1"
	headerBytes = 64
	slotsAt     = 16
	slotBytes   = 16
	slots       = 2
)

// Names of files: segments, and segments that were set aside after they were drained as
// far as they could be read.
const (
	segmentSuffix = ".log"
	damagedSuffix = ".damaged"
)

// segment is a file of records. The Log's lock guards its fields.
type segment struct {
	number     uint64
	path       string
	size       int64             // of the file
	end        int64             // up to where its records are durable
	shares     map[string]*share // by lane
	savedFloor int64             // up to where its header says that all lanes are drained
	slot       int               // the slot to write next
	// damage holds the offsets of the pieces that are known to be unreadable.
	damage map[int64]bool
	// unsent is set when a record was read that can never be published.
	unsent bool
	// saveFailed is set when savedFloor could not be written, and that was logged.
	saveFailed bool
}

func newSegment(dir string, number uint64) *segment {
	return &segment{
		number: number, path: segmentPath(dir, number), size: headerBytes, end: headerBytes, savedFloor: headerBytes,
		shares: map[string]*share{}, damage: map[int64]bool{},
	}
}

func segmentPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%020d%s", number, segmentSuffix))
}

// segmentNumber returns the number in the name of a segment with the given suffix. It
// returns false when the name is not that of a segment.
func segmentNumber(name, suffix string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, err == nil && number > 0
}

func segmentHeader(magic string) []byte {
	header := make([]byte, headerBytes)
	copy(header, magic)
	binary.LittleEndian.PutUint32(header[len(magic):], crc32.Checksum([]byte(magic), castagnoli))
	return header
}

// checkHeader returns an error for a segment of another version of the format. It
// accepts a damaged header, because the records may still be readable.
func checkHeader(header []byte) error {
	if len(header) < headerBytes || string(header[:len(magic)]) == magic ||
		binary.LittleEndian.Uint32(header[len(magic):]) != crc32.Checksum(header[:len(magic)], castagnoli) {
		return nil
	}
	return fmt.Errorf("another version of integr8 wrote it, in the format %q", header[:len(magic)])
}

// slot encodes an offset for the header.
func slot(offset int64) []byte {
	data := binary.LittleEndian.AppendUint64(make([]byte, 0, slotBytes), uint64(offset))
	data = binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, castagnoli))
	return data[:slotBytes]
}

// drainedOf returns the offset in the header up to which a segment is drained, and the
// slot to write next.
func drainedOf(header []byte) (offset int64, next int) {
	offset = headerBytes
	for i := range slots {
		at := slotsAt + i*slotBytes
		if len(header) < at+slotBytes || binary.LittleEndian.Uint32(header[at+8:]) != crc32.Checksum(header[at:at+8], castagnoli) {
			continue
		}
		if found := int64(binary.LittleEndian.Uint64(header[at:])); found > offset {
			offset, next = found, (i+1)%slots
		}
	}
	return offset, next
}

// report is called for each piece of a segment that could not be read as a record.
type report func(s *segment, damage piece)

// damagedPath returns the path under which a segment is set aside.
func damagedPath(path string) string { return strings.TrimSuffix(path, segmentSuffix) + damagedSuffix }

// readSegment reads a segment of an earlier process.
func (l *Log) readSegment(s *segment, damaged report) error {
	file, err := l.options.openSegment(s.path, os.O_RDONLY)
	if err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	patched := &patched{source: file}
	header := make([]byte, headerBytes)
	n, err := patched.ReadAt(header, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the spool: %w", err)
	}
	if err := checkHeader(header[:n]); err != nil {
		return fmt.Errorf("read the spool: %s: %w", s.path, err)
	}
	s.size, s.end = info.Size(), max(info.Size(), headerBytes)
	s.savedFloor, s.slot = drainedOf(header[:n])
	s.savedFloor = min(s.savedFloor, s.end)
	return l.scan(s, patched, damaged)
}

// scan counts the records that are not drained.
func (l *Log) scan(s *segment, file *patched, damaged report) error {
	pieces := scanner{source: file, offset: s.savedFloor, end: s.end}
	for {
		found, err := pieces.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the spool: %s: %w", s.path, err)
		case found.damaged:
			if file.patches(found) {
				found.cause = file.err
			}
			s.damage[found.offset] = true
			damaged(s, found)
			continue
		}
		lane := l.options.Lane(found.content)
		if l.cursors[lane].covers(s.number, found.offset) {
			continue
		}
		if s.of(lane).records == 0 {
			s.of(lane).drained = found.offset
		}
		s.add(lane, found.at)
	}
}
