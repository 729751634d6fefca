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
	// ErrFull means that the records on disk take all the room they may.
	ErrFull = failure.Unavailable(errors.New("the spool is full"))
	// ErrFailing means that the disk refused, or does not answer.
	ErrFailing = failure.Unavailable(errors.New("the spool cannot be written"))
)

// ErrClosed is what a closed Log answers. It counts as a shutdown.
var ErrClosed = fmt.Errorf("the spool is closed: %w", failure.ErrShutdown)

// Options set up a Log. Zero values mean the defaults.
type Options struct {
	// Dir is made where it is missing; needed. Nobody else may write to it.
	Dir string
	// MaxBytes bounds what the segments take on disk, without those that are
	// kept because they are damaged. Default 1 GiB. With a negative bound
	// nothing is taken in, and what is there is still handed out.
	MaxBytes int64
	// SegmentBytes is the size at which a segment is closed and the next
	// begun. Space is freed by whole segments. Default 16 MiB, and no more
	// than an eighth of MaxBytes.
	SegmentBytes int64
	// Lane names the lane of a record. Each lane is drained by itself. Default
	// Topic.
	Lane func(content []byte) string
	// Logger is told when the disk fails and works again, and of every record
	// that cannot be read. Default slog.Default.
	Logger *slog.Logger

	// What follows opens files; tests let it fail. create makes the file of a
	// new segment, openSegment opens one to read it, and openLock the lock.
	create      func(path string) (file, error)
	openSegment func(path string, flag int) (source, error)
	openLock    func(dir string) (*os.File, error)
}

// The default bounds.
const (
	DefaultMaxBytes     = 1 << 30
	defaultSegmentBytes = 16 << 20
	// segmentsPerLog keeps the space that is drained but not freed small
	// against the whole.
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
// use, also beside the one goroutine that may call Read and Commit.
type Log struct {
	options  Options
	lockFile *os.File
	group    *batch.Group[[]byte]

	// writing is held while a segment is written, begun or removed. It is
	// taken before mu.
	writing sync.Mutex
	active  *activeSegment // nil until the next append begins one

	// readers and cursors, by lane, are the drainer's alone.
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
	fault    error // what the disk answered, until it works again
	full     bool  // since the last append was refused
	busy     time.Time
	changed  chan struct{} // holds a token when there may be something to read
}

// Open takes a directory and reads what an earlier process left in it: the
// records that were not drained, less those that cannot be read, which are
// reported and counted. It fails when another process holds the directory
// (ErrLocked), or when this user may not read it.
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
		// A disk that is full shows at the start, not at the first hit.
		l.fault = errUntried
		l.background.Go(l.probe)
	}
	return l, nil
}

// makeDirectory makes a directory, and makes durable that it is there.
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
		return err // a parent that this user may not read cannot be synced by it
	}
	return nil
}

// load reads the directory. What the disk cannot read of it stays there for
// the next start.
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
			l.next = max(l.next, number+1) // its name must not be given again
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

// loadSegment reads a segment. What cannot be read at the very end of the last
// one is what a crash cut short, and is cut off: it was reported to nobody.
// Where the disk itself does not read the end, that is damage.
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
		l.options.Logger.Warn("the end of the spool cannot be read and is cut off: a crash tears what nobody was told is stored",
			"segment", s.path, "bytes", s.size-tail)
		if err := os.Truncate(s.path, tail); err == nil {
			s.size = tail
		} else { // nothing is appended to it any more, so that it does no harm
			l.options.Logger.Warn("the end of the spool cannot be cut off", "error", err)
		}
		s.end = tail
	}
	l.segments = append(l.segments, s)
	if s.left() == 0 {
		if err := l.remove(s); err != nil {
			l.options.Logger.Warn("a segment of the spool that is drained stays", "error", err)
		}
	}
	return nil
}

// setAside keeps a segment of which the disk reads nothing at all.
func (l *Log) setAside(path string, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut++
	l.options.Logger.Error("a segment of the spool cannot be read at all and is passed over; its file is kept",
		"segment", path, "error", cause)
	if err := os.Rename(path, damagedPath(path)); err != nil {
		l.options.Logger.Error("it stays in the way of the next start", "error", err)
		return
	}
	l.aside.Files++
}

// reportDamage tells of records that were stored and cannot be read.
func (l *Log) reportDamage(s *segment, damage piece) {
	l.cut++
	l.options.Logger.Error("a piece of the spool cannot be read and is passed over; its file is kept",
		"segment", s.path, "offset", damage.offset, "bytes", damage.next-damage.offset, "cause", damage.reason())
}

// remove forgets a segment that is drained and frees its space. One that was
// not sent in full is kept under another name. Called with mu held, or alone.
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

// Wait waits until there may be something to read; it answers the cause when
// ctx ends first.
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

// Close waits for an append under way, keeps what is not drained for the next
// Open, and frees the directory. Read and Commit must have ended. Later calls
// do nothing.
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
		err = l.active.file.Close() // all in it that was reported is on disk
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

// probePath is where it is tried out whether the disk works again.
func (l *Log) probePath() string { return filepath.Join(l.options.Dir, "probe") }
