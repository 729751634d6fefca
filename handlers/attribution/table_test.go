package attribution

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// contentOf returns the entries of a table, and requires that a look-up finds each.
func contentOf(t *testing.T, of table) map[string]string {
	t.Helper()
	content, held := map[string]string{}, 0
	for one := range of.all() {
		held += len(one.whole)
		content[one.key] = one.value
		if value, ok := of.get([]byte(one.key)); !ok || value != one.value {
			t.Fatalf("%s is %q, and a look-up returns %q", one.key, one.value, value)
		}
	}
	require.Len(t, content, of.size)
	require.Equal(t, held, of.held)
	return content
}

func TestATableIsWhatItsChangesMadeItAndTheOnesBeforeStay(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 5))
	var now table
	want := map[string]string{}
	type past struct {
		table table
		want  map[string]string
	}
	var before []past
	values := map[string]int{} // how often each is in the table, by what was replaced
	for range 200 {
		var entries []byte
		for range random.IntN(40) {
			key, value := fmt.Sprint("key ", random.IntN(4000)), fmt.Sprint(random.IntN(1e6))
			if random.IntN(4) == 0 {
				value = ""
			}
			entries = appendEntry(entries, []byte(key), []byte(value))
			if want[key] = value; value == "" {
				delete(want, key)
			}
		}
		now = now.with(string(entries), func(before, after string) {
			if before != "" {
				values[before]--
			}
			if after != "" {
				values[after]++
			}
		})
		before = append(before, past{now, maps.Clone(want)})
	}
	for _, one := range before {
		if !maps.Equal(one.want, contentOf(t, one.table)) {
			t.Fatalf("a table of %d entries is not what it was", len(one.want))
		}
	}
	maps.DeleteFunc(values, func(_ string, n int) bool { return n == 0 })
	left := map[string]int{}
	for _, value := range want {
		left[value]++
	}
	require.Equal(t, left, values)
	_, ok := now.get([]byte("no key"))
	require.False(t, ok)
	require.Greater(t, now.bits, pageBits, "it has grown")
}

func TestAChangedTableSharesAllPagesButOne(t *testing.T) {
	t.Parallel()
	var entries []byte
	for i := range 100_000 {
		entries = appendEntry(entries, appendID(nil, int64(i)), []byte("a value"))
	}
	before := table{}.with(string(entries), nil)
	after := before.with(string(appendEntry(nil, appendID(nil, 77), []byte("another"))), nil)
	changed := 0
	for i := range before.pages {
		if before.pages[i] != after.pages[i] {
			changed++
		}
	}
	require.Equal(t, 1, changed)
	longest := 0
	for _, page := range after.pages {
		for _, block := range page {
			longest = max(longest, len(slices.Collect(entriesOf(block))))
		}
	}
	require.Less(t, longest, 6*blockSize, "keys that follow one another are spread over the blocks")
}
