package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tick is how often these tests look again.
const tick = 10 * time.Millisecond

func TestLockKeepsOthersOutUntilReleased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "lock")
	first, err := takeLock(t.Context(), path, func() { t.Error("waited for nobody") })
	require.NoError(t, err)
	_, err = tryLock(path)
	require.ErrorIs(t, err, errLocked)

	waiting := make(chan struct{})
	taken := make(chan error, 1)
	go func() {
		second, err := takeLock(context.Background(), path, func() { close(waiting) })
		if err == nil {
			err = second.release()
		}
		taken <- err
	}()
	<-waiting
	// Whoever cleans deletes the file too: the one who waits must get a lock
	// on the file that is there then.
	require.NoError(t, os.RemoveAll(filepath.Dir(path)))
	require.NoError(t, first.release())
	require.NoError(t, <-taken)
	require.FileExists(t, path)
}

func TestWaitingForALockEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := tryLock(path)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = takeLock(ctx, path, cancel)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, held.release())
}
