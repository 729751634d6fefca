package filelock

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLockKeepsOthersOutUntilReleased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "lock")
	first, err := Take(t.Context(), path, func() { t.Error("waited for nobody") })
	require.NoError(t, err)
	_, err = Try(path)
	require.ErrorIs(t, err, ErrLocked)

	waiting := make(chan struct{})
	taken := make(chan error, 1)
	go func() {
		second, err := Take(context.Background(), path, func() { close(waiting) })
		if err == nil {
			err = second.Release()
		}
		taken <- err
	}()
	<-waiting
	// A cleaning process deletes the file too: the waiting one must lock the file that
	// exists then.
	require.NoError(t, os.RemoveAll(filepath.Dir(path)))
	require.NoError(t, first.Release())
	require.NoError(t, <-taken)
	require.FileExists(t, path)
}

func TestWaitingForALockEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := Try(path)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = Take(ctx, path, cancel)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, held.Release())
}
