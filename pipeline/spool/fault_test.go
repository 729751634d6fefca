package spool

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// disk lets the files of a Log fail.
type disk struct {
	create, write, sync, truncate atomic.Bool
	// short makes a write that fails leave some of its bytes in the file.
	short atomic.Bool
	// hang, if set, blocks every sync until it is closed.
	hang chan struct{}
	// synced, if set, is called once, after the next sync that worked.
	synced func()
}

var errDisk = errors.New("input/output error")

func (d *disk) open(path string) (file, error) {
	if d.create.Load() {
		return nil, errDisk
	}
	created, err := createFile(path)
	return &failingFile{file: created, disk: d}, err
}

type failingFile struct {
	file
	disk *disk
}

func (f *failingFile) WriteAt(data []byte, offset int64) (int, error) {
	if !f.disk.write.Load() {
		return f.file.WriteAt(data, offset)
	}
	if f.disk.short.Load() {
		n, err := f.file.WriteAt(data[:len(data)/2], offset)
		return n, errors.Join(errDisk, err)
	}
	return 0, errDisk
}

func (f *failingFile) Sync() error {
	if f.disk.hang != nil {
		<-f.disk.hang
	}
	if f.disk.sync.Load() {
		return errDisk
	}
	err := f.file.Sync()
	if synced := f.disk.synced; synced != nil {
		f.disk.synced = nil
		synced()
	}
	return err
}

func (f *failingFile) Truncate(size int64) error {
	if f.disk.truncate.Load() {
		return errDisk
	}
	return f.file.Truncate(size)
}

func TestAFailingDiskLosesNothingThatWasReported(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(*disk, bool){
		"create": func(d *disk, on bool) { d.create.Store(on) },
		"write":  func(d *disk, on bool) { d.write.Store(on) },
		"short write": func(d *disk, on bool) {
			d.write.Store(on)
			d.short.Store(on)
		},
		"short write that stays": func(d *disk, on bool) {
			d.write.Store(on)
			d.short.Store(on)
			d.truncate.Store(on)
		},
		"sync": func(d *disk, on bool) { d.sync.Store(on) },
		"sync and truncate": func(d *disk, on bool) {
			d.sync.Store(on)
			d.truncate.Store(on)
		},
	} {
		for _, fresh := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", at the first append", false: ", later"}[fresh], func(t *testing.T) {
				var disk disk
				log := open(t, Options{create: disk.open, SegmentBytes: 200})
				want := []string{}
				if !fresh {
					want = append(want, "one", "two")
					appendAll(t, log, "one", "two")
				}
				harm(&disk, true)
				if name == "create" && !fresh { // the next segment is the one that fails
					log.options.SegmentBytes = 1
				}
				for range 3 {
					require.ErrorIs(t, log.Append(t.Context(), []byte("refused")), ErrFailing)
					require.ErrorIs(t, log.Err(), errDisk)
				}
				require.EqualValues(t, len(want), log.State().Records)
				harm(&disk, false)
				appendAll(t, log, "three", "four")
				require.NoError(t, log.Err())
				want = append(want, "three", "four")

				// A restart finds the same, whether the failed write left
				// something behind or not.
				require.NoError(t, log.Close())
				log = open(t, Options{Dir: log.options.Dir})
				got := []string{}
				for _, content := range drain(t, log) {
					if content != "refused" { // it may be there, or not
						got = append(got, content)
					}
				}
				require.Equal(t, want, got)
			})
		}
	}
}

func TestADiskThatWorksAgainIsFoundWithoutAnAppend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var disk disk
		var logged bytes.Buffer
		log := open(t, Options{create: disk.open, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
		synctest.Wait() // the first probe has ended
		disk.sync.Store(true)
		require.ErrorIs(t, log.Append(t.Context(), []byte("refused")), ErrFailing)
		time.Sleep(10 * probeEvery)
		require.ErrorIs(t, log.Err(), errDisk)
		require.Empty(t, files(t, log.options.Dir, segmentSuffix), "no try leaves a file behind")

		disk.sync.Store(false)
		time.Sleep(2 * probeEvery)
		require.NoError(t, log.Err())
		require.NoFileExists(t, log.probePath())
		require.Equal(t, 1, bytes.Count(logged.Bytes(), []byte("disk fails")))
		require.Equal(t, 1, bytes.Count(logged.Bytes(), []byte("works again")))
	})
}

// TestAProbeSaysNothingAboutALaterWrite lets a write fail while a probe, which worked,
// has not ended yet.
func TestAProbeSaysNothingAboutALaterWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var disk disk
		opened, appended := make(chan *Log, 1), make(chan error, 1)
		disk.synced = func() {
			disk.sync.Store(true)
			appended <- (<-opened).Append(t.Context(), []byte("refused"))
		}
		log := open(t, Options{create: disk.open})
		opened <- log
		require.ErrorIs(t, <-appended, ErrFailing)
		synctest.Wait() // the probe has ended
		require.ErrorIs(t, log.Err(), errDisk)

		disk.sync.Store(false)
		time.Sleep(2 * probeEvery)
		require.NoError(t, log.Err(), "the disk is probed again")
	})
}

func TestADiskThatHangsFailsAppendsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var disk disk
		log := open(t, Options{create: disk.open})
		synctest.Wait() // it has tried the disk
		disk.hang = make(chan struct{})
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 2*hangAfter)
		defer cancel()
		require.ErrorIs(t, log.Append(ctx, []byte("one")), context.DeadlineExceeded)
		require.ErrorIs(t, log.Err(), ErrFailing)
		require.ErrorIs(t, log.Append(t.Context(), []byte("two")), ErrFailing)
		require.Equal(t, 2*hangAfter, time.Since(began), "the second append did not wait")
		close(disk.hang)
		synctest.Wait()
		require.NoError(t, log.Err())
		require.Equal(t, []string{"one"}, drain(t, log))
	})
}

// fullDisk is the variable that makes the test binary write to a full disk.
const fullDisk = "SPOOL_TEST_FULL_DISK"

// TestAFullDiskTearsNoRecord tests with a real error: the kernel refuses the rest of a
// write. A limit on the size of files stands for the full disk.
func TestAFullDiskTearsNoRecord(t *testing.T) {
	t.Parallel()
	if os.Getenv(fullDisk) == "" {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		child.Env = append(os.Environ(), fullDisk+"=1")
		output, err := child.CombinedOutput()
		require.NoError(t, err, string(output))
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	dir := t.TempDir()
	log := open(t, Options{Dir: dir})
	appendAll(t, log, "one")
	limitFiles(t, 200)
	err := log.Append(t.Context(), make([]byte, 300))
	require.ErrorIs(t, err, ErrFailing)
	require.ErrorIs(t, err, syscall.EFBIG)
	appendAll(t, log, "this one fits")
	limitFiles(t, 1<<30)
	appendAll(t, log, "two")
	require.NoError(t, log.Close())
	log = open(t, Options{Dir: dir})
	require.Zero(t, log.State().Cut)
	require.Equal(t, []string{"one", "this one fits", "two"}, drain(t, log))
}

func limitFiles(t *testing.T, bytes uint64) {
	t.Helper()
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	limit.Cur = bytes
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
}
