package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrLocked means that another process has the directory open.
var ErrLocked = errors.New("another process uses this spool directory")

// How often a lock is tried, and the pause between two tries.
const (
	lockTries = 5
	lockPause = 10 * time.Millisecond
)

// lockName is the file whose lock protects the directory.
const lockName = "lock"

func openLock(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
}

// lock locks a directory for this process. The lock ends when the file is closed, and
// so with the process, however that ends. When the disk cannot read the lock file,
// lock locks the directory itself; every other process then does the same.
func lock(dir string, open func(dir string) (*os.File, error)) (*os.File, error) {
	file, err := open(dir)
	if unreadable(err) {
		file, err = os.Open(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the spool: %w", err)
	}
	// Inspect holds a shared lock for a moment, so a lock that fails is tried again.
	for try := 1; ; try++ {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || try == lockTries {
			break
		}
		<-time.After(lockPause)
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
