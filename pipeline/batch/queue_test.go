package batch

import (
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
		require.LessOrEqual(t, len(q.entries), 8)
	}
	require.Equal(t, []int{0}, take(&q, 128))
}

func TestAQueueThatIsNeverEmptyDoesNotGrow(t *testing.T) {
	var q queue[int]
	hand(&q, 0)
	for i := range 10_000 {
		hand(&q, i+1)
		require.Equal(t, []int{i}, take(&q, 1))
		require.LessOrEqual(t, len(q.entries), 8)
	}
}
