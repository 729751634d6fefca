package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// source is the file of a segment, as it is read; tests replace it.
type source interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Stat() (fs.FileInfo, error)
}

func openSource(path string, flag int) (source, error) {
	opened, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return nil, err
	}
	return opened, nil
}

// unreadable reports whether an error means that the disk cannot read its data now or
// later: a bad sector, a wrong checksum of the file system, a damaged inode. Any other
// error, such as too many open files, may be temporary.
func unreadable(err error) bool {
	for _, media := range []error{syscall.EIO, syscall.EUCLEAN, syscall.EBADMSG, syscall.ENODATA, syscall.ENXIO, syscall.EREMOTEIO} {
		if errors.Is(err, media) {
			return true
		}
	}
	return false
}

const (
	// blockBytes is the smallest unit that a disk or a file system fails to read.
	blockBytes = 4 << 10
	// maxSkip bounds the bytes that are skipped at once, see patched.
	maxSkip = 1 << 20
)

// patched reads a file, with zeros in place of the parts that the disk cannot read. The
// records there are then damaged like any others, because no checksum fits zeros.
//
// It skips one block at a time, and twice as much with each consecutive block that
// fails: a dying disk may take many seconds for each, and the skipped bytes are kept
// with their file.
type patched struct {
	source io.ReaderAt
	err    error     // the first error of the disk
	holes  []stretch // the parts that were skipped
}

// stretch is a part of a file.
type stretch struct{ from, to int64 }

// ReadAt implements io.ReaderAt.
func (p *patched) ReadAt(data []byte, offset int64) (n int, err error) {
	skip := int64(blockBytes)
	for n < len(data) {
		read, err := p.source.ReadAt(data[n:], offset+int64(n))
		if read == 0 && unreadable(err) {
			// Some file systems fail the whole request because of one block in it.
			read, err = p.source.ReadAt(data[n:min(len(data), n+p.toBlockEnd(offset+int64(n)))], offset+int64(n))
			if err == nil {
				n, skip = n+read, blockBytes
				continue
			}
		}
		if n += read; read > 0 {
			skip = blockBytes
		}
		if err == nil || !unreadable(err) {
			return n, err
		}
		if p.err == nil {
			p.err = err
		}
		from := offset + int64(n)
		to := min(len(data), n+p.toBlockEnd(from)+int(skip)-blockBytes)
		clear(data[n:to])
		p.holes = append(p.holes, stretch{from, offset + int64(to)})
		n, skip = to, min(2*skip, maxSkip)
	}
	return n, nil
}

// toBlockEnd returns the bytes from offset to the end of its block.
func (p *patched) toBlockEnd(offset int64) int { return int(blockBytes - offset%blockBytes) }

// patches reports whether a part of a piece could not be read.
func (p *patched) patches(damage piece) bool {
	for _, hole := range p.holes {
		if hole.from < damage.next && damage.offset < hole.to {
			return true
		}
	}
	return false
}
