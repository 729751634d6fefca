package worker_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

func TestStopLetsWorkUnderWayFinish(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	started, finish := make(chan struct{}), make(chan struct{})
	stop := s.run(func(ctx context.Context, _ *hit.Hit, _ []byte) error {
		close(started)
		<-finish
		return ctx.Err()
	})
	s.publish(nil)
	receive(t, started)
	stopped := make(chan struct{})
	go func() {
		stop()
		close(stopped)
	}()
	close(finish)
	receive(t, stopped)
	require.Equal(t, 1, s.seen(failure.None))
	require.Zero(t, s.depth(hit.TopicPostbacks))
}

func TestStopDuringAnOutageReturnsTheHit(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	tried := make(chan struct{}, 1000)
	stop := s.run(func(context.Context, *hit.Hit, []byte) error {
		tried <- struct{}{}
		return failure.Unavailable(errors.New("no database"))
	})
	h := s.publish(nil)
	receive(t, tried)
	stop()
	handle, calls := handled()
	s.run(handle)
	require.Equal(t, h.ID, receive(t, calls).ID)
	require.Empty(t, s.letters)
}
