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
// for how far it is drained. A slot is an offset of 8 bytes and its CRC-32C.
// They are written in turn, so that one is whole whenever the process dies.
const (
	magic       = "i8spool1"
	headerBytes = 64
	slotsAt     = 16
	slotBytes   = 16
	slots       = 2
)

// Names of files: the segments, and those that were drained as far as they
// could be read, and are kept for a person to look at.
const (
	segmentSuffix = ".log"
	damagedSuffix = ".damaged"
)

// segment is a file of records. The Log's lock guards its fields.
type segment struct {
	number uint64
	path   string
	size   int64             // of the file
	end    int64             // up to where its records are durable
	shares map[string]*share // by lane
	noted  int64             // up to where its header says that all lanes are drained
	slot   int               // the slot to write next
	// damage has the offsets of what is known to be unreadable.
	damage map[int64]bool
	// unsent is set when a record was read but could never be published.
	unsent bool
	// unnoted is set when it could not be noted how far it is drained.
	unnoted bool
}

func newSegment(dir string, number uint64) *segment {
	return &segment{
		number: number, path: segmentPath(dir, number), size: headerBytes, end: headerBytes, noted: headerBytes,
		shares: map[string]*share{}, damage: map[int64]bool{},
	}
}

func segmentPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%020d%s", number, segmentSuffix))
}

// segmentNumber reads the name of a segment, which ends in the suffix that is
// given; false when it is none.
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

// checkHeader refuses a segment of another version of the format. A header
// that is damaged is passed: its records may still be good.
func checkHeader(header []byte) error {
	if len(header) < headerBytes || string(header[:len(magic)]) == magic ||
		binary.LittleEndian.Uint32(header[len(magic):]) != crc32.Checksum(header[:len(magic)], castagnoli) {
		return nil
	}
	return fmt.Errorf("another version of integr8 wrote it, in the format %q", header[:len(magic)])
}

// slot is the form of an offset in the header.
func slot(offset int64) []byte {
	data := binary.LittleEndian.AppendUint64(make([]byte, 0, slotBytes), uint64(offset))
	data = binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, castagnoli))
	return data[:slotBytes]
}

// drainedOf returns how far a segment is drained, and the slot to write next.
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

// report tells of a stretch of a segment that could not be read as a record.
type report func(s *segment, damage piece)

// damagedPath is where a segment is kept that could not be drained whole.
func damagedPath(path string) string { return strings.TrimSuffix(path, segmentSuffix) + damagedSuffix }

// readSegment reads a segment that an earlier process has left.
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
	s.noted, s.slot = drainedOf(header[:n])
	s.noted = min(s.noted, s.end)
	return l.scan(s, patched, damaged)
}

// scan counts the records that are not drained.
func (l *Log) scan(s *segment, file *patched, damaged report) error {
	pieces := scanner{source: file, offset: s.noted, end: s.end}
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
