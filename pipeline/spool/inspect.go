package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Content is the contents of a spool's directory.
type Content struct {
	// Records counts, by lane, the waiting records. Bytes is the size of the segments.
	Records map[string]int64
	Bytes   int64
	// Oldest is when the oldest of them was appended; zero when none waits.
	Oldest time.Time
	// Damaged counts pieces of the segments that cannot be read.
	Damaged int
	// Aside counts segments that were set aside earlier.
	Aside Aside
	// Held is set when a process has the directory open.
	Held bool
}

// Waiting returns the number of waiting records of all lanes.
func (c Content) Waiting() (records int64) {
	for _, n := range c.Records {
		records += n
	}
	return records
}

// Inspect reads a directory without changing it. While a process has it open, the
// figures are those of different moments.
func Inspect(dir string) (Content, error) {
	options := Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)}.withDefaults()
	l := &Log{options: options, cursors: map[string]*cursor{}}
	content := Content{Records: map[string]int64{}}
	entries, err := os.ReadDir(dir)
	if err != nil && !unreadable(err) {
		return content, fmt.Errorf("read the spool: %w", err)
	}
	if content.Held, err = held(dir); err != nil {
		return content, err
	}
	l.loadCursors(entries)
	for _, entry := range entries {
		if _, ok := segmentNumber(entry.Name(), damagedSuffix); ok {
			content.Aside.Files++
			if info, err := entry.Info(); err == nil {
				content.Aside.Bytes += info.Size()
			}
		}
		number, ok := segmentNumber(entry.Name(), segmentSuffix)
		if !ok {
			continue
		}
		s := newSegment(dir, number)
		err := l.readSegment(s, func(*segment, piece) { content.Damaged++ })
		switch {
		case errors.Is(err, fs.ErrNotExist): // drained meanwhile
			continue
		case unreadable(err):
			content.Damaged++
			continue
		case err != nil:
			return content, err
		}
		content.add(s)
	}
	return content, nil
}

func (c *Content) add(s *segment) {
	for lane, own := range s.shares {
		if own.records > 0 {
			c.Records[lane] += own.records
		}
	}
	c.Bytes += s.size
	if oldest := s.oldest(); c.Oldest.IsZero() || !oldest.IsZero() && oldest.Before(c.Oldest) {
		c.Oldest = oldest
	}
}

// held reports whether a process has locked the directory.
func held(dir string) (bool, error) {
	file, err := os.Open(filepath.Join(dir, lockName))
	if unreadable(err) {
		file, err = os.Open(dir)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the lock of the spool: %w", err)
	}
	defer file.Close()                                                   // it releases the lock too
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) // shared, so that several processes can inspect
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the lock of the spool: %w", err)
	}
	return false, nil
}

// Waits reports whether a directory holds segments, without reading them.
func Waits(dir string) bool {
	found, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*"+segmentSuffix))
	return err == nil && len(found) > 0
}

// escapeGlob escapes the characters of a path that have a meaning in a glob pattern.
func escapeGlob(path string) string {
	escaped := make([]byte, 0, len(path))
	for i := range len(path) {
		switch path[i] {
		case '*', '?', '[', '\\':
			escaped = append(escaped, '\\')
		}
		escaped = append(escaped, path[i])
	}
	return string(escaped)
}
