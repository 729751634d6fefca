package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"integr8/pipeline/batch"
	"integr8/pipeline/failure"
)

// Why an append did not make a record durable. Each is an outage for package
// failure: the sender is to try again later.
var (
	// ErrFull means that the segments on disk have reached MaxBytes.
	ErrFull = failure.Unavailable(errors.New("the spool is full"))
	// ErrFailing means that the disk returned an error, or does not respond.
	ErrFailing = failure.Unavailable(errors.New("the spool cannot be written"))
)

// ErrClosed is returned by a closed Log. Package failure classifies it as a shutdown.
var ErrClosed = fmt.Errorf("the spool is closed: %w", failure.ErrShutdown)

// Options set up a Log. Zero values mean the defaults.
type Options struct {
	// Dir is the directory; needed. Open makes it when it is missing. Nothing else may
	// write to it.
	Dir string
	// MaxBytes bounds the size of the segments on disk, without those that were set
	// aside because of damage. Default 1 GiB. With a negative bound every append fails,
	// but the existing records can still be drained.
	MaxBytes int64
	// SegmentBytes is the size at which a segment is closed and the next
	// begun. Space is freed by whole segments. Default 16 MiB, and no more
	// than an eighth of MaxBytes.
	SegmentBytes int64
	// Lane returns the lane of a record. Each lane is drained on its own. Default
	// Topic.
	Lane func(content []byte) string
	// Logger logs that the disk fails or works again, and every piece that cannot be
	// read. Default slog.Default.
	Logger *slog.Logger

	// These functions open files; tests replace them. create makes the file of a
	// new segment, openSegment opens a segment to read it, and openLock the lock file.
	create      func(path string) (file, error)
	openSegment func(path string, flag int) (source, error)
	openLock    func(dir string) (*os.File, error)
}

// The default bounds.
const (
	DefaultMaxBytes     = 1 << 30
	defaultSegmentBytes = 16 << 20
	// segmentsPerLog bounds the space that is drained but not freed to an eighth of
	// the whole.
	segmentsPerLog = 8
)

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = defaultSegmentBytes
		if o.MaxBytes > 0 {
			o.SegmentBytes = min(o.SegmentBytes, o.MaxBytes/segmentsPerLog)
		}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Lane == nil {
		o.Lane = Topic
	}
	if o.create == nil {
		o.create = createFile
	}
	if o.openSegment == nil {
		o.openSegment = openSource
	}
	if o.openLock == nil {
		o.openLock = openLock
	}
	return o
}

// Log is a queue of records on disk. Append and State are safe for concurrent
// use. Only one goroutine may call Read and Commit, concurrently with them.
type Log struct {
	options  Options
	lockFile *os.File
	group    *batch.Group[[]byte]

	// writing is held while a segment is written, begun or removed. It is
	// taken before mu.
	writing sync.Mutex
	active  *activeSegment // nil until the next append begins one

	// readers and cursors, by lane, are used only by the goroutine that drains.
	readers map[string]*reader
	cursors map[string]*cursor

	background sync.WaitGroup
	stop       chan struct{} // closed by Close

	mu       sync.Mutex
	closed   bool
	segments []*segment // oldest first
	next     uint64     // number of the next segment
	aside    Aside
	appended uint64
	drained  uint64
	cut      uint64
	fault    error         // the disk's error, until it works again
	faults   uint64        // counts the errors of the disk
	full     bool          // the last append was refused for lack of space
	busy     time.Time     // when the write under way began; else zero
	changed  chan struct{} // holds a token when there may be something to read
}

// Open locks a directory and reads the records that an earlier process did not
// drain. Records that cannot be read are logged and counted. It fails when another
// process has the directory open (ErrLocked), or when this user may not read it.
func Open(options Options) (*Log, error) {
	options = options.withDefaults()
	if options.Dir == "" {
		return nil, errors.New("open the spool: no directory is named")
	}
	if err := makeDirectory(options.Dir); err != nil {
		return nil, fmt.Errorf("make the spool directory: %w", err)
	}
	lockFile, err := lock(options.Dir, options.openLock)
	if err != nil {
		return nil, err
	}
	l := &Log{
		options: options, lockFile: lockFile, next: 1,
		readers: map[string]*reader{}, cursors: map[string]*cursor{},
		stop: make(chan struct{}), changed: make(chan struct{}, 1),
	}
	l.group = batch.New(batch.Options[[]byte]{
		MaxItems: groupItems, MaxBytes: groupBytes, Size: func(content []byte) int { return len(content) },
	}, l.flush)
	if err := l.load(); err != nil {
		return nil, errors.Join(err, lockFile.Close())
	}
	l.signal()
	if options.MaxBytes > 0 {
		// The probe finds a full disk at the start, and not with the first hit.
		l.fault = errNotProbed
		l.background.Go(l.probe)
	}
	return l, nil
}

// makeDirectory makes a directory and its parents, and syncs their entries.
func makeDirectory(path string) error {
	_, err := os.Stat(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(path)
	if err := makeDirectory(parent); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := syncDirectory(parent); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err // a parent that this user may not read cannot be synced, and is not an error
	}
	return nil
}

// load reads the directory. Entries that the disk cannot read stay there for the next
// start.
func (l *Log) load() error {
	entries, err := os.ReadDir(l.options.Dir) // sorted, and so oldest first
	if unreadable(err) {
		l.options.Logger.Error("a part of the spool directory cannot be read", "dir", l.options.Dir, "error", err)
	} else if err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	l.loadCursors(entries)
	var numbers []uint64
	for _, entry := range entries {
		if number, ok := segmentNumber(entry.Name(), segmentSuffix); ok {
			numbers = append(numbers, number)
			l.next = max(l.next, number+1)
		} else if number, ok := segmentNumber(entry.Name(), damagedSuffix); ok {
			l.next = max(l.next, number+1) // its number must not be used again
			l.aside.Files++
			if info, err := entry.Info(); err == nil {
				l.aside.Bytes += info.Size()
			}
		}
	}
	for i, number := range numbers {
		err := l.loadSegment(number, i == len(numbers)-1)
		if unreadable(err) {
			l.setAside(segmentPath(l.options.Dir, number), err)
		} else if err != nil {
			return err
		}
	}
	if len(l.segments) == 0 {
		l.dropCursors()
	}
	if err := os.Remove(l.probePath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.options.Logger.Warn("a file of the spool cannot be removed", "error", err)
	}
	return nil
}

// loadSegment reads a segment. An unreadable piece at the end of the last segment is a
// write that a crash interrupted: no caller was told that it is durable, so it is cut
// off. When the disk itself cannot read the end, that is damage.
func (l *Log) loadSegment(number uint64, last bool) error {
	tail := int64(-1)
	s := newSegment(l.options.Dir, number)
	err := l.readSegment(s, func(s *segment, damage piece) {
		if last && damage.next >= s.end && damage.cause == nil {
			tail = damage.offset
			delete(s.damage, damage.offset)
			return
		}
		l.reportDamage(s, damage)
	})
	if err != nil {
		return err
	}
	if tail >= 0 {
		l.cut++
		l.options.Logger.Warn("the end of the spool is torn and was cut off: a crash interrupted a write that no sender was answered for",
			"segment", s.path, "bytes", s.size-tail)
		if err := os.Truncate(s.path, tail); err == nil {
			s.size = tail
		} else { // it does no harm: nothing is appended to this file again
			l.options.Logger.Warn("the end of the spool cannot be cut off", "error", err)
		}
		s.end = tail
	}
	l.segments = append(l.segments, s)
	if s.left() == 0 {
		if err := l.remove(s); err != nil {
			l.options.Logger.Warn("a drained segment of the spool cannot be removed", "error", err)
		}
	}
	return nil
}

// setAside renames a segment that the disk cannot read at all, so that it is kept.
func (l *Log) setAside(path string, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut++
	l.options.Logger.Error("a segment of the spool cannot be read at all and was skipped; its file is kept",
		"segment", path, "error", cause)
	if err := os.Rename(path, damagedPath(path)); err != nil {
		l.options.Logger.Error("the unreadable segment cannot be renamed, so the next start reads it again", "error", err)
		return
	}
	l.aside.Files++
}

// reportDamage logs and counts a piece of stored records that cannot be read.
func (l *Log) reportDamage(s *segment, damage piece) {
	l.cut++
	l.options.Logger.Error("a piece of the spool cannot be read and was skipped; its file is kept",
		"segment", s.path, "offset", damage.offset, "bytes", damage.next-damage.offset, "cause", damage.reason())
}

// remove drops a drained segment and frees its space. A segment with damage or with
// unsent records is kept under another name. Called with mu held, or from Open.
func (l *Log) remove(s *segment) error {
	l.segments = slices.DeleteFunc(l.segments, func(other *segment) bool { return other == s })
	l.full = false
	if len(s.damage) > 0 || s.unsent {
		l.aside.Files++
		l.aside.Bytes += s.size
		if err := os.Rename(s.path, damagedPath(s.path)); err != nil {
			return fmt.Errorf("keep a damaged segment of the spool: %w", err)
		}
		return nil
	}
	if err := os.Remove(s.path); err != nil {
		return fmt.Errorf("free space of the spool: %w", err)
	}
	return nil
}

// Wait waits until there may be something to read. It returns the cause of ctx when
// that ends first.
func (l *Log) Wait(ctx context.Context) error {
	select {
	case <-l.changed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *Log) signal() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// Close waits for an append under way and unlocks the directory. Records that are not
// drained stay for the next Open. Read and Commit must have ended. Later calls do
// nothing.
func (l *Log) Close() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	again := l.closed
	l.closed = true
	l.mu.Unlock()
	if again {
		return nil
	}
	close(l.stop)
	l.background.Wait()
	var err error
	if l.active != nil {
		err = l.active.file.Close() // all records that were reported as durable are on disk
		l.active = nil
	}
	for lane := range l.readers {
		err = errors.Join(err, l.stopReading(lane))
	}
	for _, c := range l.cursors {
		err = errors.Join(err, c.close())
	}
	if err = errors.Join(err, l.lockFile.Close()); err != nil {
		return fmt.Errorf("close the spool: %w", err)
	}
	return nil
}

// probePath returns the path of the file that probeDisk writes.
func (l *Log) probePath() string { return filepath.Join(l.options.Dir, "probe") }
