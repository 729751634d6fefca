package app

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWorkBesideTheAPIIsStoppedAndWaitedFor, and none begins after that.
func TestWorkBesideTheAPIIsStoppedAndWaitedFor(t *testing.T) {
	t.Parallel()
	b := newBeside()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	begun := make(chan struct{})
	b.start(func(stopped context.Context) {
		close(begun)
		<-stopped.Done()
		close(ended)
	})
	<-begun
	stop()
	require.NoError(t, b.run(ctx))
	select {
	case <-ended:
	default:
		require.Fail(t, "the work still runs")
	}
	late := false
	b.start(func(stopped context.Context) {
		late = true
		require.Error(t, stopped.Err())
	})
	require.True(t, late, "who waits for it is told")
}
