package operate

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPageSaysWhetherTheListGoesOn(t *testing.T) {
	t.Parallel()
	cursor := func(n *int) string { return fmt.Sprint("behind ", *n) }
	require.Equal(t, Page[int]{Items: []int{}}, PageOf(nil, 2, cursor), "a list is never null")
	require.Equal(t, Page[int]{Items: []int{1, 2}}, PageOf([]int{1, 2}, 2, cursor))
	require.Equal(t, Page[int]{Items: []int{1, 2}, Next: new("behind 2")}, PageOf([]int{1, 2, 3}, 2, cursor))
}

func TestPagesByNumberNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	numbers := []int64{2, 3, 5, 8, 13}
	var seen []int64
	for cursor := ""; ; {
		page, err := PageByNumber(numbers, cursor, 2, func(n *int64) int64 { return *n })
		require.NoError(t, err)
		seen = append(seen, page.Items...)
		if page.Next == nil {
			break
		}
		cursor = *page.Next
	}
	require.Equal(t, numbers, seen)
	gone, err := PageByNumber(numbers, "4", 2, func(n *int64) int64 { return *n })
	require.NoError(t, err)
	require.Equal(t, []int64{5, 8}, gone.Items, "the item that the cursor names may be gone")
	for _, text := range []string{"x", "+3", "03", "0", "-1", "99999999999999999999"} {
		_, err := PageByNumber(numbers, text, 2, func(n *int64) int64 { return *n })
		require.ErrorIs(t, err, ErrCursor)
	}
}
