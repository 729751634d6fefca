package batch

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func hand(q *queue[int], items ...int) *call {
	c := &call{waiting: len(items), left: len(items), done: make(chan struct{})}
	q.add(c, items)
	return c
}

func take(q *queue[int], most int) []int {
	var items []int
	for _, e := range q.take(Options[int]{MaxItems: most}) {
		items = append(items, e.item)
	}
	return items
}

func TestAQueueIsFirstInFirstOutWhateverIsAbandoned(t *testing.T) {
	var q queue[int]
	first := hand(&q, 1, 2)
	hand(&q, 3, 4)
	third := hand(&q, 5)
	hand(&q, 6, 7)
	require.Equal(t, []int{1}, take(&q, 1))
	q.abandon(third)
	q.abandon(first)
	require.Equal(t, []int{3, 4, 6}, take(&q, 3))
	require.Equal(t, []int{7}, take(&q, 3))
	require.Empty(t, take(&q, 3))
	require.Zero(t, q.abandoned)
}

func TestAQueueThatHangsHoldsNoMoreThanItsCallersWaitFor(t *testing.T) {
	var q queue[int]
	hand(&q, 0)
	for i := range 10_000 {
		q.abandon(hand(&q, i, i))
		require.LessOrEqual(t, held(&q), 8)
	}
	require.Equal(t, []int{0}, take(&q, 128))
}

func TestAQueueThatIsNeverEmptyDoesNotGrow(t *testing.T) {
	var q queue[int]
	hand(&q, 0)
	for i := range 10_000 {
		hand(&q, i+1)
		require.Equal(t, []int{i}, take(&q, 1))
		require.LessOrEqual(t, held(&q), 8)
	}
}

// held returns how many entries are in memory.
func held[T any](q *queue[T]) (n int) {
	for _, l := range q.lanes {
		n += len(l.entries)
	}
	return n
}

// TestTheManyOfOneOwnerDoNotDelayTheFewOfOthers: each owner has a turn before another has
// his second, in this batch and from one batch to the next.
func TestTheManyOfOneOwnerDoNotDelayTheFewOfOthers(t *testing.T) {
	q := queue[int]{owner: func(item int) int64 { return int64(item / 1000) }}
	for i := range 500 {
		hand(&q, 1000+i)
	}
	hand(&q, 2000, 3000, 2001)
	require.Equal(t, []int{1000, 2000, 3000, 1001, 2001, 1002}, take(&q, 6))
	hand(&q, 4000)
	hand(&q, 5000)
	require.Equal(t, []int{1003, 4000}, take(&q, 2))
	hand(&q, 4001)
	require.Equal(t, []int{5000, 1004, 4001, 1005, 1006}, take(&q, 5))
	require.Len(t, q.lanes, 1, "an owner without items is forgotten")
}

// TestAQueueHandsOutEachItemOnce is a random run against a model: whatever is handed in,
// taken and abandoned, nothing is lost, doubled or out of its owner's order.
func TestAQueueHandsOutEachItemOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 9))
	for range 200 {
		owners := 1 + random.Int64N(40)
		q := queue[int]{owner: func(item int) int64 { return int64(item) % owners }}
		if owners == 1 {
			q.owner = nil
		}
		var calls []*call
		handed, live, last := 0, map[int]bool{}, map[int64]int{}
		belongs := map[*call][]int{}
		for range 300 {
			switch random.IntN(3) {
			case 0:
				var items []int
				for range 1 + random.IntN(4) {
					handed++
					items = append(items, handed)
					live[handed] = true
				}
				c := hand(&q, items...)
				calls, belongs[c] = append(calls, c), items
			case 1:
				for _, item := range take(&q, 1+random.IntN(10)) {
					require.True(t, live[item], "%d", item)
					delete(live, item)
					of := int64(item) % owners
					require.Greater(t, item, last[of])
					last[of] = item
				}
			case 2:
				if n := len(calls); n > 0 && random.IntN(3) == 0 {
					c := calls[random.IntN(n)]
					calls = slices.DeleteFunc(calls, func(one *call) bool { return one == c })
					q.abandon(c)
					for _, item := range belongs[c] {
						delete(live, item)
					}
				}
			}
			require.Equal(t, len(live), q.len())
		}
		require.Len(t, take(&q, handed), len(live))
		require.Zero(t, q.size)
		require.Zero(t, q.abandoned)
	}
}
