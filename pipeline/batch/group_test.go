package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/pipeline/batch"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// gate is a flush that waits until the test lets it return, and records its items.
type gate struct {
	started chan []int
	answers chan error
}

func newGate() *gate { return &gate{make(chan []int), make(chan error)} }

func (g *gate) flush(items []int) error {
	g.started <- slices.Clone(items)
	return <-g.answers
}

func TestAnItemAloneLeavesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int
		group := batch.New(batch.Options[int]{}, func(items []int) error {
			got = append(got, items...)
			return nil
		})
		require.NoError(t, group.Do(t.Context(), 7)) // a wait would be a deadlock for synctest
		require.Equal(t, []int{7}, got)
	})
}

// handing returns a function that adds items in a new goroutine, and a function that
// waits for all these goroutines.
func handing(t *testing.T, group *batch.Group[int]) (hand func(...int), callers *sync.WaitGroup) {
	callers = &sync.WaitGroup{}
	return func(items ...int) {
		callers.Go(func() { require.NoError(t, group.Do(t.Context(), items...)) })
		synctest.Wait()
	}, callers
}

func TestItemsThatArriveDuringAFlushLeaveTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		group := batch.New(batch.Options[int]{}, gate.flush)
		hand, callers := handing(t, group)
		hand(1)
		require.Equal(t, []int{1}, <-gate.started)
		hand(2)
		hand(3)
		hand(4)
		gate.answers <- nil
		require.Equal(t, []int{2, 3, 4}, <-gate.started, "in the order in which they were handed in")
		gate.answers <- nil
		callers.Wait()
	})
}

func TestABatchKeepsToItsBounds(t *testing.T) {
	for name, test := range map[string]struct {
		options batch.Options[int]
		items   []int
		want    [][]int
	}{
		"by items":                         {batch.Options[int]{MaxItems: 2}, []int{1, 2, 3, 4, 5}, [][]int{{1, 2}, {3, 4}, {5}}},
		"by bytes":                         {batch.Options[int]{MaxBytes: 10}, []int{4, 6, 5, 5, 1}, [][]int{{4, 6}, {5, 5}, {1}}},
		"a large item still leaves, alone": {batch.Options[int]{MaxBytes: 10}, []int{3, 99, 3}, [][]int{{3}, {99}, {3}}},
		"whichever comes first":            {batch.Options[int]{MaxItems: 3, MaxBytes: 10}, []int{1, 1, 1, 9, 2}, [][]int{{1, 1, 1}, {9}, {2}}},
		"128 items by default":             {batch.Options[int]{}, make([]int, 129), [][]int{make([]int, 128), {0}}},
	} {
		t.Run(name, func(t *testing.T) {
			test.options.Size = func(item int) int { return item }
			var got [][]int
			group := batch.New(test.options, func(items []int) error {
				got = append(got, slices.Clone(items))
				return nil
			})
			require.NoError(t, group.Do(t.Context(), test.items...))
			require.Equal(t, test.want, got)
		})
	}
}

func TestAFailureReachesEveryCallerOfTheBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newGate()
		group := batch.New(batch.Options[int]{}, gate.flush)
		broken := errors.New("broken")
		results := make([]error, 3)
		var callers sync.WaitGroup
		for i := range results {
			callers.Go(func() { results[i] = group.Do(t.Context(), i) })
			synctest.Wait()
		}
		<-gate.started
		gate.answers <- nil
		<-gate.started
		gate.answers <- broken
		callers.Wait()
		require.NoError(t, results[0])
		require.ErrorIs(t, results[1], broken)
		require.ErrorIs(t, results[2], broken)
	})
}

var errBad = errors.New("bad item")

// picky fails a batch that holds a negative item.
func picky(flushed *[][]int) func([]int) error {
	return func(items []int) error {
		*flushed = append(*flushed, slices.Clone(items))
		if i := slices.IndexFunc(items, func(n int) bool { return n < 0 }); i >= 0 {
			return fmt.Errorf("%w: %d", errBad, items[i])
		}
		return nil
	}
}

// together runs one Do an item, so that all but the first share a batch, and
// returns their results.
func together(t *testing.T, group *batch.Group[int], gate func(), items ...int) []error {
	results := make([]error, len(items))
	var callers sync.WaitGroup
	for i, item := range items {
		callers.Go(func() { results[i] = group.Do(t.Context(), item) })
		synctest.Wait()
	}
	gate()
	callers.Wait()
	return results
}

// held wraps a flush so that its first call waits until open is called.
func held(flush func([]int) error) (wrapped func([]int) error, open func()) {
	wait := make(chan struct{})
	return func(items []int) error {
		<-wait
		return flush(items)
	}, func() { close(wait) }
}

func TestABadItemFailsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flushed [][]int
		flush, open := held(picky(&flushed))
		group := batch.New(batch.Options[int]{Isolate: func(err error) bool { return errors.Is(err, errBad) }}, flush)
		results := together(t, group, open, 0, 1, -2, 3)
		require.Equal(t, [][]int{{0}, {1, -2, 3}, {1}, {-2, 3}, {-2}, {3}}, flushed)
		require.NoError(t, errors.Join(results[0], results[1], results[3]))
		require.ErrorIs(t, results[2], errBad)
	})
}

func TestIsolationStopsAtAnErrorThatNoItemCauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := errors.New("server away")
		calls := 0
		flush, open := held(func(items []int) error {
			switch calls++; {
			case calls > 4:
				return away
			case len(items) > 1:
				return errBad
			}
			return nil
		})
		group := batch.New(batch.Options[int]{Isolate: func(err error) bool { return errors.Is(err, errBad) }}, flush)
		results := together(t, group, open, 0, 1, 2, 3, 4)
		require.NoError(t, errors.Join(results[0], results[1])) // calls: {0}, {1 2 3 4}, {1 2}, {1}, {2}
		for _, err := range results[2:] {
			require.ErrorIs(t, err, away)
		}
		require.Equal(t, 5, calls, "the items after the outage are not tried")
	})
}

func TestOneBadItemCostsItsNeighboursTheLogarithmOfTheirNumber(t *testing.T) {
	const items, levels = 512, 9
	for _, bad := range []int{0, 1, 255, 256, 300, items - 1} {
		commits := make([]int, items)
		flushes := 0
		group := batch.New(batch.Options[int]{
			MaxItems: items, Isolate: func(err error) bool { return errors.Is(err, errBad) },
		}, func(batch []int) error {
			flushes++
			if slices.Contains(batch, bad) {
				return errBad
			}
			for _, item := range batch {
				commits[item]++
			}
			return nil
		})
		all := make([]int, items)
		for i := range all {
			all[i] = i
		}
		require.ErrorIs(t, group.Do(t.Context(), all...), errBad)
		require.LessOrEqual(t, flushes, 1+2*levels, "bad item %d", bad)
		for item, n := range commits {
			require.Equal(t, item != bad, n == 1, "item %d beside the bad item %d", item, bad)
		}
	}
}

func TestAPanicFailsOnlyItsItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flush, open := held(func(items []int) error {
			if slices.Contains(items, 13) {
				panic("unlucky")
			}
			return nil
		})
		group := batch.New(batch.Options[int]{}, flush) // without Isolate
		results := together(t, group, open, 0, 1, 13, 2)
		require.NoError(t, errors.Join(results[0], results[1], results[3]))
		var panicked *batch.PanicError
		require.ErrorAs(t, results[2], &panicked)
		require.Equal(t, "unlucky", panicked.Value)
		require.EqualError(t, panicked, "panic: unlucky")
		require.Contains(t, string(panicked.Stack), "group_test.go")
	})
}

func TestDoReturnsTheErrorOfItsFirstBadItem(t *testing.T) {
	var flushed [][]int
	group := batch.New(batch.Options[int]{MaxItems: 1}, picky(&flushed))
	err := group.Do(t.Context(), 1, -2, 3, -4)
	require.EqualError(t, err, "bad item: -2")
	require.Len(t, flushed, 4, "the items after the bad one are flushed all the same")
}

func TestDoOfNothingFlushesNothing(t *testing.T) {
	group := batch.New(batch.Options[int]{}, func([]int) error { panic("flushed") })
	require.NoError(t, group.Do(t.Context()))
}

func TestACallerWhoseTimeIsUpIsNotFlushed(t *testing.T) {
	t.Run("before Do", func(t *testing.T) {
		group := batch.New(batch.Options[int]{}, func([]int) error { panic("flushed") })
		ctx, cancel := context.WithCancelCause(t.Context())
		impatient := errors.New("impatient")
		cancel(impatient)
		require.ErrorIs(t, group.Do(ctx, 1), impatient)
	})
	t.Run("while waiting", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			gate := newGate()
			group := batch.New(batch.Options[int]{}, gate.flush)
			var callers sync.WaitGroup
			callers.Go(func() { require.NoError(t, group.Do(t.Context(), 1)) })
			<-gate.started
			ctx, cancel := context.WithCancelCause(t.Context())
			impatient := errors.New("impatient")
			callers.Go(func() { require.ErrorIs(t, group.Do(ctx, 2, 3), impatient) })
			synctest.Wait()
			callers.Go(func() { require.NoError(t, group.Do(t.Context(), 4, 5, 6)) })
			synctest.Wait()
			cancel(impatient)
			synctest.Wait()
			gate.answers <- nil
			require.Equal(t, []int{4, 5, 6}, <-gate.started)
			gate.answers <- nil
			callers.Wait()
		})
	})
	t.Run("while under way", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			gate := newGate()
			group := batch.New(batch.Options[int]{MaxItems: 1}, gate.flush)
			ctx, cancel := context.WithCancel(t.Context())
			var callers sync.WaitGroup
			callers.Go(func() { require.ErrorIs(t, group.Do(ctx, 1, 2), context.Canceled) })
			require.Equal(t, []int{1}, <-gate.started)
			cancel()
			callers.Wait()
			gate.answers <- nil // no caller waits for it
			synctest.Wait()
			select {
			case left := <-gate.started:
				t.Fatalf("%v left after its caller had given up", left)
			default:
			}
		})
	})
}

func TestManyCallersLoseAndDoubleNothing(t *testing.T) {
	const callers, each = 50, 200
	var seen [callers * each]atomic.Int32
	var under atomic.Int32
	group := batch.New(batch.Options[int]{MaxItems: 16, Outstanding: 3}, func(items []int) error {
		defer under.Add(-1)
		if n := under.Add(1); n > 3 {
			return fmt.Errorf("%d batches at once", n)
		}
		for _, item := range items {
			seen[item].Add(1)
		}
		if len(items) > 16 {
			return fmt.Errorf("%d items at once", len(items))
		}
		return nil
	})
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				ctx, cancel := context.WithCancel(t.Context())
				if i%7 == 0 {
					go cancel() // some stop waiting at a random moment
				}
				if err := group.Do(ctx, c*each+i); err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	for item := range seen {
		n := seen[item].Load()
		if n > 1 || n == 0 && item%each%7 != 0 {
			t.Errorf("item %d was flushed %d times", item, n)
		}
	}
}

func BenchmarkDo(b *testing.B) {
	group := batch.New(batch.Options[int]{}, func([]int) error { return nil })
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := group.Do(b.Context(), 1); err != nil {
				b.Error(err)
			}
		}
	})
}
