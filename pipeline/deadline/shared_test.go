package deadline

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAContextLastsTheBoundAndHardlyLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const within = time.Second
		shared := New(t.Context(), within)
		var asked sync.WaitGroup
		for range 200 { // over three bounds
			ctx, at := shared.Context(), time.Now()
			asked.Go(func() {
				<-ctx.Done()
				assert.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
				assert.GreaterOrEqual(t, time.Since(at), within)
				assert.LessOrEqual(t, time.Since(at), within+within/parts)
			})
			time.Sleep(within / 66)
		}
		asked.Wait()
	})
}

func TestCallsWithinAFiftiethOfTheBoundShareAContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := New(t.Context(), time.Second)
		first := shared.Context()
		require.True(t, first == shared.Context())
		time.Sleep(time.Second / parts)
		require.False(t, first == shared.Context())
		time.Sleep(2 * time.Second)
		require.NoError(t, shared.Context().Err(), "long after the last")
	})
}

func TestAContextEndsWithItsParent(t *testing.T) {
	over := errors.New("over")
	parent, end := context.WithCancelCause(t.Context())
	ctx := New(parent, time.Hour).Context()
	require.NoError(t, ctx.Err())
	end(over)
	<-ctx.Done()
	require.ErrorIs(t, context.Cause(ctx), over)
}

// BenchmarkContext measures the cost of a bound for one piece of work.
func BenchmarkContext(b *testing.B) {
	shared := New(b.Context(), time.Second)
	b.ReportAllocs()
	for b.Loop() {
		shared.Context()
	}
}
