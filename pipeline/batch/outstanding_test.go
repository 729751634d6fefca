package batch_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/batch"
)

func TestNoMoreBatchesAreUnderWayThanAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		group := batch.New(batch.Options[int]{MaxItems: 1, Outstanding: 2}, gate.flush)
		var callers sync.WaitGroup
		for i := range 4 {
			callers.Go(func() { require.NoError(t, group.Do(t.Context(), i)) })
			synctest.Wait()
		}
		require.ElementsMatch(t, []int{0, 1}, append(<-gate.started, <-gate.started...))
		noneLeaves(t, gate)
		gate.answers <- nil
		require.Equal(t, []int{2}, <-gate.started)
		gate.answers <- nil
		require.Equal(t, []int{3}, <-gate.started)
		gate.answers <- nil
		gate.answers <- nil
		callers.Wait()
	})
}

// noneLeaves fails the test when a batch is flushed.
func noneLeaves(t *testing.T, gate *gate) {
	t.Helper()
	synctest.Wait()
	select {
	case items := <-gate.started:
		require.FailNow(t, "a batch left that should wait", "%v", items)
	default:
	}
}

func TestASecondBatchLeavesOnceItIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		group := batch.New(batch.Options[int]{MaxItems: 3, Outstanding: 2}, gate.flush)
		hand, callers := handing(t, group)
		hand(1)
		require.Equal(t, []int{1}, <-gate.started)
		hand(2)
		hand(3)
		noneLeaves(t, gate)
		hand(4)
		require.Equal(t, []int{2, 3, 4}, <-gate.started)
		hand(5)
		gate.answers <- nil
		noneLeaves(t, gate) // the goroutine of the batch under way flushes it next
		gate.answers <- nil
		require.Equal(t, []int{5}, <-gate.started)
		gate.answers <- nil
		callers.Wait()
	})
}

func TestABatchThatIsNotFullKeepsThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pace = 3 * time.Millisecond
		gate := newGate()
		group := batch.New(batch.Options[int]{MaxItems: 3, Outstanding: 2, Pace: pace}, gate.flush)
		hand, callers := handing(t, group)
		began := time.Now()
		hand(1)
		require.Equal(t, []int{1}, <-gate.started)
		require.Zero(t, time.Since(began), "after a quiet time one leaves at once")
		hand(2)
		gate.answers <- nil
		noneLeaves(t, gate)
		require.Equal(t, []int{2}, <-gate.started)
		require.Equal(t, pace, time.Since(began), "not full, and nothing arrives after it")
		gate.answers <- nil
		synctest.Wait()
		hand(3, 4, 5)
		require.Equal(t, []int{3, 4, 5}, <-gate.started)
		require.Equal(t, pace, time.Since(began), "full")
		gate.answers <- nil
		callers.Wait()
	})
}

func TestABatchThatIsHeldUpHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		group := batch.New(batch.Options[int]{Outstanding: 2}, gate.flush)
		hand, callers := handing(t, group)
		hand(1)
		require.Equal(t, []int{1}, <-gate.started)
		hand(2)
		noneLeaves(t, gate)
		require.Equal(t, []int{2}, <-gate.started) // although no item arrives after it
		gate.answers <- nil
		gate.answers <- nil
		callers.Wait()
	})
}

func TestABatchThatIsHalvedHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		group := batch.New(batch.Options[int]{
			Outstanding: 2, Isolate: func(err error) bool { return errors.Is(err, errBad) },
		}, gate.flush)
		var callers sync.WaitGroup
		callers.Go(func() { require.NoError(t, group.Do(t.Context(), 1, 2, 3)) })
		require.Equal(t, []int{1, 2, 3}, <-gate.started)
		gate.answers <- errBad
		require.Equal(t, []int{1}, <-gate.started)
		callers.Go(func() { require.NoError(t, group.Do(t.Context(), 4)) })
		noneLeaves(t, gate)
		require.Equal(t, []int{4}, <-gate.started)
		gate.answers <- nil
		gate.answers <- nil
		require.Equal(t, []int{2, 3}, <-gate.started)
		gate.answers <- nil
		callers.Wait()
	})
}
