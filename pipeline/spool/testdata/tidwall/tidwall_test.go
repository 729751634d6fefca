// Package tidwall shows why the spool does not stand on github.com/tidwall/wal:
// each test states what that log does where the spool must do better. It is a
// module of its own, so that nothing else depends on the library; run it here
// with `go test`.
package tidwall

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tidwall/wal"
)

// write makes a log of three entries and gives the path of its only segment.
func write(t *testing.T, dir string) string {
	t.Helper()
	log, err := wal.Open(dir, nil)
	must(t, err)
	for i := uint64(1); i <= 3; i++ {
		must(t, log.Write(i, fmt.Appendf(nil, "entry %d", i)))
	}
	must(t, log.Close())
	return filepath.Join(dir, "00000000000000000001")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A crash in the middle of a write makes all that was written before
// unreadable: the log does not open any more, and has no way to repair it.
func TestATornLastEntryLosesTheWholeLog(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir)
	info, err := os.Stat(path)
	must(t, err)
	must(t, os.Truncate(path, info.Size()-1))
	if _, err := wal.Open(dir, nil); !errors.Is(err, wal.ErrCorrupt) {
		t.Fatalf("it opened, or failed otherwise: %v", err)
	}
}

// There is no checksum: what a bad disk made of an entry is given out as good.
func TestAFlippedBitIsGivenOutAsData(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir)
	data, err := os.ReadFile(path)
	must(t, err)
	data[3] ^= 1
	must(t, os.WriteFile(path, data, 0o600))
	log, err := wal.Open(dir, nil)
	must(t, err)
	defer log.Close()
	got, err := log.Read(1)
	must(t, err)
	if bytes.Equal(got, []byte("entry 1")) {
		t.Fatal("the bit was not flipped in the entry")
	}
}

// After a write that a full disk cut short, the piece of it stays in the file,
// and later entries that were reported as written are lost behind it.
func TestEntriesWrittenAfterAFailedWriteAreLost(t *testing.T) {
	if dir := os.Getenv("FULL_DISK_DIR"); dir != "" {
		fillDisk(t, dir)
		return
	}
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "FULL_DISK_DIR="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	log, err := wal.Open(dir, nil)
	if errors.Is(err, wal.ErrCorrupt) {
		return // all of it is lost
	}
	must(t, err)
	defer log.Close()
	if got, err := log.Read(2); err == nil && string(got) == "written when there was room again" {
		t.Fatal("the entry survived")
	}
}

// fillDisk writes one entry, fails at the next for want of room, and writes
// another when there is room again. A limit on the file's size stands for the
// full disk.
func fillDisk(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	log, err := wal.Open(dir, nil)
	must(t, err)
	must(t, log.Write(1, []byte("first")))
	limit(t, 100)
	if err := log.Write(2, make([]byte, 200)); err == nil {
		t.Fatal("the disk was not full")
	}
	limit(t, 1<<30)
	must(t, log.Write(2, []byte("written when there was room again")))
}

func limit(t *testing.T, bytes uint64) {
	t.Helper()
	var now syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &now))
	now.Cur = bytes
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now))
}
