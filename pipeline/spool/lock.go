package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrLocked is the error of a directory that another process has open.
var ErrLocked = errors.New("another process uses this spool directory")

// How often a lock is tried for, and how long after the try before.
const (
	lockTries = 5
	lockAgain = 10 * time.Millisecond
)

// lockName is the file whose lock stands for the directory.
const lockName = "lock"

func openLock(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
}

// lock takes a directory for this process alone. The lock ends with the file,
// and so with the process, however that ends. Where the disk cannot read that
// file, the directory itself is locked, which every process then does.
func lock(dir string, open func(dir string) (*os.File, error)) (*os.File, error) {
	file, err := open(dir)
	if unreadable(err) {
		file, err = os.Open(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the spool: %w", err)
	}
	// Inspect holds a shared lock for a moment, which is no reason to give up.
	for try := 1; ; try++ {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || try == lockTries {
			break
		}
		<-time.After(lockAgain)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, fmt.Errorf("lock the spool %s: %w", dir, err)
	}
	return file, nil
}
