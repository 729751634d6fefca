package store

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"integr8/handlers/attribution"
)

// A file of reference data is its first line, a base, and a log. Both consist of frames: a
// mark, the length of the content, its checksum with the mark, and the content.
//
// The base holds one snapshot: a frame with its moment and the numbers of its objects,
// frames with the objects, and one that ends it. Each further frame is a later change: a
// moment, and the objects that changed until then. The base is written under another name
// first, so that a crash leaves the old file or the new one. A crash while a change is
// appended leaves a part of its frame, which is ignored.

// fileFormat is the version of the format. Every change of the frames, or of the fields
// of what they hold, increases it.
const fileFormat = 8

// fileHead is the first line. In earlier versions more followed on it.
const fileHead = "integr8 reference data, format %d"

// The marks of frames.
const (
	momentFrame byte = 'M'
	batchFrame  byte = 'B'
	endFrame    byte = 'E'
	changeFrame byte = 'C'
)

const (
	frameHead = 1 + 4 + 4
	// longestFrame is far longer than a batch, or a change that is appended.
	longestFrame = 1 << 28
)

// ErrSnapshotFormat means that another version of integr8 wrote the file.
var ErrSnapshotFormat = errors.New("another version of integr8 wrote it")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(mark byte, content []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte{mark}, castagnoli), castagnoli, content)
}

func appendFrame(to []byte, mark byte, content []byte) []byte {
	to = binary.BigEndian.AppendUint32(append(to, mark), uint32(len(content)))
	return append(binary.BigEndian.AppendUint32(to, checksum(mark, content)), content...)
}

// sizedMoment is the content of a momentFrame.
type sizedMoment struct {
	attribution.Moment
	attribution.Sizes
}

// SaveSnapshot replaces a file, which only this user may read, by a snapshot without a
// log. A crash leaves the old file or the new one. The file contains no token, only
// digests.
func SaveSnapshot(s *attribution.Snapshot, path string) error {
	file, err := saveBase(s, path)
	if err != nil {
		return err
	}
	return file.close()
}

// referenceFile is an open file of reference data.
type referenceFile struct {
	file *os.File
	// base and log are the bytes of either.
	base, log int64
}

func saveBase(s *attribution.Snapshot, path string) (*referenceFile, error) {
	file, size, err := replaceFile(path, func(to io.Writer) error { return writeBase(to, s) })
	if err != nil {
		return nil, fmt.Errorf("save reference data: %w", err)
	}
	return &referenceFile{file: file, base: size}, nil
}

func writeBase(to io.Writer, s *attribution.Snapshot) error {
	moment, err := json.Marshal(sizedMoment{s.Moment, s.Sizes()})
	if err != nil {
		return err
	}
	frame := appendFrame(fmt.Appendf(nil, fileHead+"\n", fileFormat), momentFrame, moment)
	if _, err := to.Write(frame); err != nil {
		return err
	}
	var content []byte
	for batch := range s.Batches() {
		if content, err = batch.AppendBinary(content[:0]); err != nil {
			return err
		}
		frame = appendFrame(frame[:0], batchFrame, content)
		if _, err := to.Write(frame); err != nil {
			return err
		}
	}
	_, err = to.Write(appendFrame(nil, endFrame, nil))
	return err
}

// append adds a change to the log, and returns when it is on disk.
func (f *referenceFile) append(moment attribution.Moment, batch *attribution.Batch) error {
	written, err := json.Marshal(moment)
	if err != nil {
		return fmt.Errorf("add to saved reference data: %w", err)
	}
	content := append(binary.AppendUvarint(nil, uint64(len(written))), written...)
	if content, err = batch.AppendBinary(content); err != nil {
		return fmt.Errorf("add to saved reference data: %w", err)
	}
	frame := appendFrame(nil, changeFrame, content)
	if _, err := f.file.Write(frame); err != nil {
		return fmt.Errorf("add to saved reference data: %w", err)
	}
	if err := f.file.Sync(); err != nil {
		return fmt.Errorf("add to saved reference data: %w", err)
	}
	f.log += int64(len(frame))
	return nil
}

func (f *referenceFile) close() error {
	if err := f.file.Close(); err != nil {
		return fmt.Errorf("save reference data: %w", err)
	}
	return nil
}

// replaceFile replaces the content of a file, and returns it open at its end, with its
// size. Whenever the machine dies, the file has the old or the new content. Only one
// process at a time may call it for a file.
func replaceFile(path string, write func(io.Writer) error) (_ *os.File, size int64, err error) {
	temporary := path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, err
	}
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	buffered := bufio.NewWriterSize(file, 1<<20)
	if err = errors.Join(write(buffered), buffered.Flush(), file.Sync()); err != nil {
		return nil, 0, errors.Join(err, os.Remove(temporary))
	}
	if size, err = file.Seek(0, io.SeekEnd); err != nil {
		return nil, 0, errors.Join(err, os.Remove(temporary))
	}
	if err = os.Rename(temporary, path); err != nil {
		return nil, 0, err
	}
	directory, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, 0, err
	}
	if err = errors.Join(directory.Sync(), directory.Close()); err != nil {
		return nil, 0, err
	}
	return file, size, nil
}

// ReadSnapshot reads the newest snapshot that a file holds. The error is fs.ErrNotExist
// when there is no file, and ErrSnapshotFormat when another version wrote it; a damaged
// base is an error too. A damaged frame ends the log.
func ReadSnapshot(path string) (*attribution.Snapshot, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read saved reference data: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read saved reference data: %w", err)
	}
	snapshot, err := decodeFile(bufio.NewReaderSize(file, 1<<20), info.Size())
	if err != nil {
		return nil, fmt.Errorf("read saved reference data: %s: %w", path, err)
	}
	return snapshot, nil
}

// errDamaged is the error of a frame that is no frame, and of a base without an end.
var errDamaged = errors.New("it is damaged")

func decodeFile(from *bufio.Reader, size int64) (*attribution.Snapshot, error) {
	head, err := from.ReadString('\n')
	var format int
	if _, scanned := fmt.Sscanf(head, fileHead, &format); err != nil || scanned != nil {
		return nil, fmt.Errorf("%w: its first line is wrong", errDamaged)
	}
	if format != fileFormat {
		return nil, fmt.Errorf("%w, in format %d", ErrSnapshotFormat, format)
	}
	if head != fmt.Sprintf(fileHead+"\n", fileFormat) {
		return nil, fmt.Errorf("%w: its first line is wrong", errDamaged)
	}
	frames := &frameReader{from: from, left: size - int64(len(head))}
	snapshot, err := frames.base()
	if err != nil {
		return nil, err
	}
	for {
		changed, err := frames.change(snapshot)
		if err != nil {
			return snapshot, nil // a change that was not written to its end
		}
		snapshot = changed
	}
}

// frameReader reads frames.
type frameReader struct {
	from    *bufio.Reader
	left    int64 // bytes at most
	content []byte
}

// next reads a frame. The content is valid until the call after it.
func (r *frameReader) next() (mark byte, content []byte, err error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(r.from, head[:]); err != nil {
		return 0, nil, fmt.Errorf("%w: it ends too early", errDamaged)
	}
	length := int64(binary.BigEndian.Uint32(head[1:]))
	if r.left -= frameHead + length; r.left < 0 || length > longestFrame {
		return 0, nil, fmt.Errorf("%w: it ends too early", errDamaged)
	}
	if int64(cap(r.content)) < length {
		r.content = make([]byte, length)
	}
	r.content = r.content[:length]
	if _, err := io.ReadFull(r.from, r.content); err != nil {
		return 0, nil, fmt.Errorf("%w: it ends too early", errDamaged)
	}
	if checksum(head[0], r.content) != binary.BigEndian.Uint32(head[5:]) {
		return 0, nil, fmt.Errorf("%w: a checksum is wrong", errDamaged)
	}
	return head[0], r.content, nil
}

// base reads the base.
func (r *frameReader) base() (*attribution.Snapshot, error) {
	mark, content, err := r.next()
	if err != nil {
		return nil, err
	}
	var moment sizedMoment
	if err := json.Unmarshal(content, &moment); mark != momentFrame || err != nil {
		return nil, fmt.Errorf("%w: it does not begin with a snapshot's moment", errDamaged)
	}
	total := moment.Offers + moment.Publishers + moment.Tokens + moment.Domains
	if min(moment.Offers, moment.Publishers, moment.Tokens, moment.Domains) < 0 || int64(total) > r.left || total > math.MaxInt32 {
		return nil, fmt.Errorf("%w: it has no room for %d objects", errDamaged, total)
	}
	snapshot := attribution.Sized(moment.Sizes)
	for {
		mark, content, err := r.next()
		if err != nil {
			return nil, err
		}
		if mark == endFrame {
			break
		}
		batch, err := attribution.ParseBatch(content)
		if mark != batchFrame || err != nil {
			return nil, fmt.Errorf("%w: a frame is no batch", errDamaged)
		}
		snapshot = snapshot.With(batch)
	}
	if snapshot.Sizes() != moment.Sizes {
		return nil, fmt.Errorf("%w: objects are missing", errDamaged)
	}
	return snapshot.At(moment.Moment), nil
}

// change reads a change of the log, and returns the changed snapshot.
func (r *frameReader) change(s *attribution.Snapshot) (*attribution.Snapshot, error) {
	mark, content, err := r.next()
	if err != nil {
		return nil, err
	}
	length, n := binary.Uvarint(content)
	if mark != changeFrame || n <= 0 || length > uint64(len(content)-n) {
		return nil, errDamaged
	}
	var moment attribution.Moment
	if err := json.Unmarshal(content[n:][:length], &moment); err != nil {
		return nil, errDamaged
	}
	batch, err := attribution.ParseBatch(content[n:][length:])
	if err != nil {
		return nil, errDamaged
	}
	return s.With(batch).At(moment), nil
}
