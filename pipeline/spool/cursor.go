package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// cursor is the drain position of a lane. All records of the lane in earlier segments
// are drained, and in the segment with this number all before the offset. Each lane is
// drained in order, on its own, so that no lane waits for another.
type cursor struct {
	number uint64
	offset int64

	path       string
	file       *os.File // nil until it is first written
	slot       int
	saveFailed bool // it could not be written, and that was logged
}

// A cursor is a file of two slots, each a number and an offset of 8 bytes and
// their CRC-32C. They are written in turn and not fsynced, so that a crash can
// set a cursor back, and hits come twice, but never forward.
const (
	cursorPrefix    = "drained-"
	cursorSlotBytes = 24
)

// isLane reports whether a name is allowed for a lane, and so for its cursor's file.
func isLane(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}) < 0
}

// restLane is the lane of records from which no other lane can be read.
const restLane = "rest"

// Topic returns the lane of a record that a Queue wrote, which is the topic of its hit,
// so that a topic whose queue is full does not delay another.
func Topic(content []byte) string {
	if e, err := decodeEntry(content); err == nil && isLane(e.topic) {
		return e.topic
	}
	return restLane
}

// loadCursors reads the cursors of a directory. A cursor that cannot be read is treated
// as missing.
func (l *Log) loadCursors(entries []fs.DirEntry) {
	for _, entry := range entries {
		lane, ok := strings.CutPrefix(entry.Name(), cursorPrefix)
		if !ok || !isLane(lane) {
			continue
		}
		c := &cursor{path: filepath.Join(l.options.Dir, entry.Name())}
		l.cursors[lane] = c
		data, err := os.ReadFile(c.path)
		if err != nil {
			l.options.Logger.Warn("a drain position of the spool cannot be read, so hits are published again", "error", err)
			continue
		}
		for i := 0; i < slots && len(data) >= (i+1)*cursorSlotBytes; i++ {
			c.read(data[i*cursorSlotBytes:], i)
		}
		l.next = max(l.next, c.number+1) // no segment before a cursor may be new
	}
}

// read uses a slot if its checksum is right and it is further than the position so far.
func (c *cursor) read(data []byte, index int) {
	if binary.LittleEndian.Uint32(data[16:]) != crc32.Checksum(data[:16], castagnoli) {
		return
	}
	number, offset := binary.LittleEndian.Uint64(data), int64(binary.LittleEndian.Uint64(data[8:]))
	if number > c.number || number == c.number && offset > c.offset {
		c.number, c.offset, c.slot = number, offset, (index+1)%slots
	}
}

// covers reports whether a record of the cursor's lane is drained.
func (c *cursor) covers(number uint64, offset int64) bool {
	return c != nil && (number < c.number || number == c.number && offset < c.offset)
}

// saveCursor moves a lane's cursor and writes it to its file.
func (l *Log) saveCursor(lane string, number uint64, offset int64) {
	c := l.cursors[lane]
	if c == nil {
		c = &cursor{path: filepath.Join(l.options.Dir, cursorPrefix+lane)}
		l.cursors[lane] = c
	}
	if err := c.move(number, offset); err != nil && !c.saveFailed {
		c.saveFailed = true
		l.options.Logger.Warn("the drain position of the spool cannot be saved, so hits are published again after the next start", "error", err)
	}
}

func (c *cursor) move(number uint64, offset int64) (err error) {
	c.number, c.offset = number, offset
	if c.file == nil {
		if c.file, err = os.OpenFile(c.path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
			return err
		}
	}
	data := binary.LittleEndian.AppendUint64(make([]byte, 0, cursorSlotBytes), number)
	data = binary.LittleEndian.AppendUint64(data, uint64(offset))
	data = binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, castagnoli))
	_, err = c.file.WriteAt(data[:cursorSlotBytes], int64(c.slot)*cursorSlotBytes)
	c.slot = (c.slot + 1) % slots
	return err
}

// dropCursors removes the cursors of a spool that holds no records.
func (l *Log) dropCursors() {
	for lane, c := range l.cursors {
		err := c.close()
		if removeErr := os.Remove(c.path); !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
		if err != nil {
			l.options.Logger.Warn("a file of the spool cannot be removed", "error", err)
		}
		delete(l.cursors, lane)
	}
}

func (c *cursor) close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	if err != nil {
		return fmt.Errorf("close a cursor of the spool: %w", err)
	}
	return nil
}
