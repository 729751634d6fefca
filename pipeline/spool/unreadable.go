package spool

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// source is what a segment is read through.
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

// unreadable reports whether an error says that the disk cannot read what it
// holds, now and later: a bad sector, a checksum of the file system that is
// wrong, a damaged inode. Any other error, such as too many open files, may
// pass, and then everything can still be read.
func unreadable(err error) bool {
	for _, media := range []error{syscall.EIO, syscall.EUCLEAN, syscall.EBADMSG, syscall.ENODATA, syscall.ENXIO, syscall.EREMOTEIO} {
		if errors.Is(err, media) {
			return true
		}
	}
	return false
}

const (
	// blockBytes is the least that a disk or a file system fails to read.
	blockBytes = 4 << 10
	// skipAtMost bounds what is passed over at once, see patched.
	skipAtMost = 1 << 20
)

// patched reads a file as if it had zeros where the disk cannot read it. What
// they cover is then damage like any other, for no checksum fits zeros.
//
// It gives up a block at a time, and twice as much with each block in a row
// that fails: a dying disk may take many seconds for each, and what is passed
// over is kept with its file.
type patched struct {
	source io.ReaderAt
	err    error     // the first that was met
	holes  []stretch // what was passed over
}

// stretch is a part of a file.
type stretch struct{ from, to int64 }

// ReadAt reads as io.ReaderAt says.
func (p *patched) ReadAt(data []byte, offset int64) (n int, err error) {
	skip := int64(blockBytes)
	for n < len(data) {
		read, err := p.source.ReadAt(data[n:], offset+int64(n))
		if read == 0 && unreadable(err) {
			// Some file systems fail a whole request for one block of it.
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
		n, skip = to, min(2*skip, skipAtMost)
	}
	return n, nil
}

// toBlockEnd is how far the end of the block is away that offset lies in.
func (p *patched) toBlockEnd(offset int64) int { return int(blockBytes - offset%blockBytes) }

// patches reports whether some of a piece could not be read.
func (p *patched) patches(damage piece) bool {
	for _, hole := range p.holes {
		if hole.from < damage.next && damage.offset < hole.to {
			return true
		}
	}
	return false
}
