// Package filelock provides locks between processes, on files.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"integr8/cmd/internal/poll"
)

// ErrLocked means that another process holds the lock.
var ErrLocked = errors.New("locked by another process")

// Lock is a lock between processes, on a file. It ends with the process.
type Lock struct{ file *os.File }

// Try takes the lock or returns ErrLocked.
func Try(path string) (*Lock, error) {
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open lock: %w", err)
		}
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(ErrLocked, file.Close())
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		}
		// The earlier holder may have deleted the file, and a lock on a deleted file
		// excludes nobody.
		ours, err := file.Stat()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		}
		if there, err := os.Stat(path); err == nil && os.SameFile(ours, there) {
			return &Lock{file: file}, nil
		}
		if err := file.Close(); err != nil {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}

// Take waits for the lock, and calls waiting once if it has to. It makes the directory
// if it is missing.
func Take(ctx context.Context, path string, waiting func()) (*Lock, error) {
	var taken *Lock
	said := false
	err := poll.Until(ctx, 100*time.Millisecond, func() (bool, error) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return false, fmt.Errorf("make the directory of the lock: %w", err)
		}
		var err error
		taken, err = Try(path)
		if errors.Is(err, ErrLocked) {
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

// Path returns the path of the lock's file.
func (l *Lock) Path() string { return l.file.Name() }

// Write replaces the content of the lock's file.
func (l *Lock) Write(text string) error {
	err := l.file.Truncate(0)
	if err == nil {
		_, err = l.file.WriteAt([]byte(text), 0)
	}
	if err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	return nil
}

// Release unlocks it.
func (l *Lock) Release() error {
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("release lock: %w", err)
	}
	return nil
}
