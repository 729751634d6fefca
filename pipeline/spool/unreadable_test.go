package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// badDisk is a disk with sectors that it cannot read.
type badDisk struct {
	path       string // of the file that is bad
	bad        []stretch
	open, stat error
	// whole fails a whole request for one sector of it, as some file systems do.
	whole bool
	// write fails every write, for one that has become read-only.
	write error
}

func (d *badDisk) openSegment(path string, flag int) (source, error) {
	opened, err := openSource(path, flag)
	if err != nil || filepath.Base(path) != d.path {
		return opened, err
	}
	if d.open != nil {
		_ = opened.Close()
		return nil, &fs.PathError{Op: "open", Path: path, Err: d.open}
	}
	return &badFile{opened, d}, nil
}

type badFile struct {
	source
	disk *badDisk
}

func (f *badFile) Stat() (fs.FileInfo, error) {
	if f.disk.stat != nil {
		return nil, &fs.PathError{Op: "stat", Path: f.disk.path, Err: f.disk.stat}
	}
	return f.source.Stat()
}

// ReadAt reads up to the first bad byte, or nothing where whole requests fail.
func (f *badFile) ReadAt(data []byte, offset int64) (int, error) {
	for _, bad := range f.disk.bad {
		if offset >= bad.to || offset+int64(len(data)) <= bad.from {
			continue
		}
		good := max(0, bad.from-offset)
		if f.disk.whole {
			good = 0
		}
		n, err := f.source.ReadAt(data[:good], offset)
		if err == nil {
			err = &fs.PathError{Op: "read", Path: f.disk.path, Err: syscall.EIO}
		}
		return n, err
	}
	return f.source.ReadAt(data, offset)
}

func (f *badFile) WriteAt(data []byte, offset int64) (int, error) {
	if f.disk.write != nil {
		return 0, f.disk.write
	}
	return f.source.WriteAt(data, offset)
}

// records returns records of about 100 bytes, enough to fill many sectors.
func records(n int) []string {
	contents := make([]string, n)
	for i := range contents {
		contents[i] = fmt.Sprintf("record %04d %s", i, strings.Repeat("y", 64))
	}
	return contents
}

// lost returns what of want is not in got; got must be in order and hold nothing
// else.
func lost(t *testing.T, want, got []string) (missing []string) {
	t.Helper()
	i := 0
	for _, content := range want {
		if i < len(got) && got[i] == content {
			i++
		} else {
			missing = append(missing, content)
		}
	}
	require.Len(t, got, i)
	return missing
}

const badSegment = "00000000000000000001.log"

func TestAnUnreadableSectorCostsWhatItCoversAndTheRestDrains(t *testing.T) {
	t.Parallel()
	want := records(1000)
	whole := segmentOf(t, want...)
	size := int64(len(whole))
	perBlock := blockBytes/(recordHeaderBytes+len(want[0])) + 2 // both ends are cut
	for name, disk := range map[string]*badDisk{
		"at the start":       {bad: []stretch{{0, blockBytes}}},
		"in the middle":      {bad: []stretch{{9 * blockBytes, 10 * blockBytes}}},
		"a sector of a page": {bad: []stretch{{9*blockBytes + 512, 9*blockBytes + 1024}}},
		"two apart":          {bad: []stretch{{3 * blockBytes, 4 * blockBytes}, {15 * blockBytes, 16 * blockBytes}}},
		"at the end":         {bad: []stretch{{size / blockBytes * blockBytes, size}}},
		"whole requests":     {bad: []stretch{{9 * blockBytes, 10 * blockBytes}}, whole: true},
		"and no writes":      {bad: []stretch{{9 * blockBytes, 10 * blockBytes}}, write: syscall.EIO},
	} {
		t.Run(name, func(t *testing.T) {
			disk.path = badSegment
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(segmentPath(dir, 1), whole, 0o600))
			log := open(t, Options{Dir: dir})

			// The damage is found while the process runs, and again at the next start, which
			// skips it too.
			log.options.openSegment = disk.openSegment
			got, err := log.Read(oneLane, 10_000, 1<<20)
			require.NoError(t, err)
			texts := make([]string, len(got.Contents))
			for i, content := range got.Contents {
				texts[i] = string(content)
			}
			missing := lost(t, want, texts)
			require.NotEmpty(t, missing)
			require.LessOrEqual(t, len(missing), len(disk.bad)*perBlock)
			require.NoError(t, log.Close())

			var logged bytes.Buffer
			log = open(t, Options{Dir: dir, openSegment: disk.openSegment, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
			require.EqualValues(t, len(want)-len(missing), log.State().Records)
			appendAll(t, log, "appended")
			require.Equal(t, missing, lost(t, slices.Concat(want, []string{"appended"}), drain(t, log)))
			require.Contains(t, logged.String(), "input/output error")
			require.LessOrEqual(t, log.State().Cut, uint64(2*len(disk.bad)), "each is reported once")
			kept := files(t, dir, damagedSuffix)
			require.Len(t, kept, 1, "the file is kept")
			info, err := os.Stat(kept[0])
			require.NoError(t, err)
			require.Equal(t, size, info.Size(), "as it was: a better disk driver may read it")
			require.Equal(t, 1, log.State().Aside.Files)
		})
	}
}

func TestASegmentThatCannotBeOpenedIsPassedOver(t *testing.T) {
	t.Parallel()
	for name, disk := range map[string]*badDisk{
		"open":           {open: syscall.EIO},
		"stat":           {stat: syscall.EIO},
		"a damaged node": {open: syscall.EUCLEAN},
		"nothing":        {bad: []stretch{{0, 1 << 40}}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			log := open(t, Options{Dir: dir, SegmentBytes: 1000})
			appendAll(t, log, records(30)...)
			segments := files(t, dir, segmentSuffix)
			require.Greater(t, len(segments), 2)
			require.NoError(t, log.Close())
			disk.path = filepath.Base(segments[1])
			log = open(t, Options{Dir: dir, openSegment: disk.openSegment})
			missing := lost(t, records(30), drain(t, log))
			require.NotEmpty(t, missing)
			require.Less(t, len(missing), 15)
			require.Equal(t, []string{damagedPath(segments[1])}, files(t, dir, damagedSuffix))
		})
		t.Run(name+" while draining", func(t *testing.T) {
			if disk.stat != nil {
				return // no file is opened then
			}
			dir := t.TempDir()
			log := open(t, Options{Dir: dir, SegmentBytes: 1000})
			appendAll(t, log, records(30)...)
			segments := files(t, dir, segmentSuffix)
			disk.path = filepath.Base(segments[1])
			log.options.openSegment = disk.openSegment
			require.Less(t, len(lost(t, records(30), drain(t, log))), 15)
			require.Equal(t, []string{damagedPath(segments[1])}, files(t, dir, damagedSuffix))
			require.Zero(t, log.State().Records)
		})
	}
}

func TestALargeBadAreaCostsFewReadsAndNoMoreThanTwiceItsSize(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte{1}, 16<<20)
	const from, to = 1 << 20, 3 << 20
	reads := 0
	counting := readerFunc(func(into []byte, offset int64) (int, error) {
		if offset < to && offset+int64(len(into)) > from {
			reads++
			good := max(0, from-offset)
			n := copy(into[:good], data[offset:])
			return n, syscall.EIO
		}
		return copy(into, data[offset:]), nil
	})
	patched := &patched{source: counting}
	got := make([]byte, len(data))
	n, err := patched.ReadAt(got, 0)
	require.NoError(t, err)
	require.Equal(t, len(data), n)
	require.Less(t, reads, 40)
	zeros := bytes.Count(got, []byte{0})
	require.GreaterOrEqual(t, zeros, to-from)
	require.LessOrEqual(t, zeros, 2*(to-from))
}

type readerFunc func([]byte, int64) (int, error)

func (f readerFunc) ReadAt(data []byte, offset int64) (int, error) { return f(data, offset) }

func TestAnErrorThatMayPassIsNoDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := open(t, Options{Dir: dir})
	appendAll(t, log, "one", "two")
	disk := &badDisk{path: badSegment, open: syscall.EMFILE}
	log.options.openSegment = disk.openSegment
	_, err := log.Read(oneLane, 10, 1000)
	require.ErrorIs(t, err, syscall.EMFILE)
	disk.open = nil
	require.Equal(t, []string{"one", "two"}, drain(t, log))
	require.Empty(t, files(t, dir, damagedSuffix))
}

func TestALockThatCannotBeReadLocksAllTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := func(string) (*os.File, error) {
		return nil, &fs.PathError{Op: "open", Path: lockName, Err: syscall.EIO}
	}
	log := open(t, Options{Dir: dir, openLock: bad})
	_, err := Open(Options{Dir: dir, openLock: bad})
	require.ErrorIs(t, err, ErrLocked)
	require.NoError(t, log.Close())
	log = open(t, Options{Dir: dir, openLock: bad})
	appendAll(t, log, "one")
	require.Equal(t, []string{"one"}, drain(t, log))
}

func TestADiskThatIsFullAtTheStartShowsBeforeTheFirstHit(t *testing.T) {
	t.Parallel()
	var disk disk
	disk.write.Store(true)
	log := open(t, Options{create: disk.open})
	require.Error(t, log.Err(), "from the first moment on")
	require.Eventually(t, func() bool { return errors.Is(log.Err(), errDisk) }, 10*time.Second, time.Millisecond)

	// So does a bound that is reached.
	full := open(t, Options{MaxBytes: 2000})
	for full.Append(t.Context(), []byte(strings.Repeat("z", 100))) == nil {
		continue
	}
	require.NoError(t, full.Close())
	again := open(t, Options{Dir: full.options.Dir, MaxBytes: full.used()})
	require.Eventually(t, func() bool { return errors.Is(again.Err(), ErrFull) }, 10*time.Second, time.Millisecond)
}
