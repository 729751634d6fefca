package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// The lock files of a stack: one for each change to it, one for as long as a
// devstack run uses it.
const (
	lockName    = "lock"
	runLockName = "run.lock"
)

// errLocked says that another process holds the lock.
var errLocked = errors.New("locked by another process")

// lock is a lock between processes, on a file. It ends with the process.
type lock struct{ file *os.File }

// tryLock takes the lock or answers errLocked.
func tryLock(path string) (*lock, error) {
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open lock: %w", err)
		}
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(errLocked, file.Close())
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		}
		// Whoever held it may have deleted the file, and a lock on a deleted
		// file keeps nobody out.
		ours, err := file.Stat()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		}
		if there, err := os.Stat(path); err == nil && os.SameFile(ours, there) {
			return &lock{file: file}, nil
		}
		if err := file.Close(); err != nil {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}

// takeLock waits for the lock, and says once that it has to. The directory is
// made where it is missing.
func takeLock(ctx context.Context, path string, waiting func()) (*lock, error) {
	var taken *lock
	said := false
	err := poll(ctx, 100*time.Millisecond, func() (bool, error) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return false, fmt.Errorf("make the directory of the lock: %w", err)
		}
		var err error
		taken, err = tryLock(path)
		if errors.Is(err, errLocked) {
			if !said {
				said = true
				waiting()
			}
			return false, nil
		}
		if errors.Is(err, os.ErrNotExist) { // deleted since it was made
			return false, nil
		}
		return err == nil, err
	})
	return taken, err
}

// write replaces what the lock file says.
func (l *lock) write(text string) error {
	err := l.file.Truncate(0)
	if err == nil {
		_, err = l.file.WriteAt([]byte(text), 0)
	}
	if err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	return nil
}

// release gives the lock back.
func (l *lock) release() error {
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("release lock: %w", err)
	}
	return nil
}
