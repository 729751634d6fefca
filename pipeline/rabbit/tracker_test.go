package rabbit

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func track(overtakeAfter int, tags uint64) *tracker {
	t := &tracker{overtakeAfter: overtakeAfter}
	for tag := uint64(1); tag <= tags; tag++ {
		t.add(tag)
	}
	return t
}

func TestDeliveriesAreAckedUpToTheFirstThatIsNotFinished(t *testing.T) {
	t.Parallel()
	tr := track(100, 5)
	require.Equal(t, acks{}, tr.take(false), "nothing is finished")
	tr.finish(2)
	tr.finish(3)
	require.Equal(t, acks{}, tr.take(false), "the first is missing")
	tr.finish(1)
	require.Equal(t, acks{upTo: 3}, tr.take(false), "one ack for all three")
	require.Equal(t, acks{}, tr.take(false), "and only once")
	tr.finish(4)
	require.Equal(t, acks{upTo: 4}, tr.take(false))
	require.False(t, tr.empty())
	tr.finish(5)
	require.Equal(t, acks{upTo: 5}, tr.take(false))
	require.True(t, tr.empty())
	tr.add(6)
	tr.finish(6)
	require.Equal(t, acks{upTo: 6}, tr.take(false))
}

func TestASlowDeliveryIsOvertakenInTheEnd(t *testing.T) {
	t.Parallel()
	tr := track(3, 6)
	tr.finish(2)
	tr.finish(4)
	require.Equal(t, acks{}, tr.take(false), "two are too few to overtake")
	tr.finish(3)
	require.Equal(t, acks{single: []uint64{2, 3, 4}}, tr.take(false))
	tr.finish(5)
	require.Equal(t, acks{}, tr.take(false), "counted anew")
	tr.finish(1)
	require.Equal(t, acks{upTo: 5}, tr.take(false), "what is acked already is not counted again")
	tr.finish(6)
	require.Equal(t, acks{upTo: 6}, tr.take(false))
}

func TestAtTheEndEverythingFinishedIsAcked(t *testing.T) {
	t.Parallel()
	tr := track(100, 5)
	tr.finish(1)
	tr.finish(3)
	tr.finish(5)
	require.Equal(t, acks{upTo: 1, single: []uint64{3, 5}}, tr.take(true))
	require.Equal(t, acks{}, tr.take(true))
}

func TestARequeuedDeliveryIsNeverAckedByItself(t *testing.T) {
	t.Parallel()
	tr := track(1, 4)
	tr.drop(1)
	require.Equal(t, acks{}, tr.take(true), "the broker has it")
	tr.finish(3)
	require.Equal(t, acks{single: []uint64{3}}, tr.take(false))
	tr.drop(2)
	require.Equal(t, acks{}, tr.take(false))
	tr.drop(4)
	require.Equal(t, acks{}, tr.take(true))
	require.True(t, tr.empty())
}

// An ack with multiple settles every tag below it, so an unfinished delivery must not be
// below it, in whatever order deliveries finish.
func TestNoDeliveryIsAckedBeforeItIsFinishedNorTwice(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		tr := &tracker{overtakeAfter: 1 + random.IntN(8)}
		finished, acked := map[uint64]bool{}, map[uint64]bool{}
		var pending []uint64
		next := uint64(1)
		ack := func(tag uint64) {
			require.True(t, finished[tag], "seed %d: %d is acked before it is finished", seed, tag)
			acked[tag] = true
		}
		carryOut := func(a acks) {
			for tag := uint64(1); tag <= a.upTo; tag++ {
				ack(tag)
			}
			for _, tag := range a.single {
				require.False(t, acked[tag], "seed %d: %d is acked twice", seed, tag)
				ack(tag)
			}
		}
		for range 500 {
			switch {
			case len(pending) == 0 || random.IntN(2) == 0:
				tr.add(next)
				pending = append(pending, next)
				next++
			default:
				i := random.IntN(len(pending))
				finished[pending[i]] = true
				tr.finish(pending[i])
				pending[i] = pending[len(pending)-1]
				pending = pending[:len(pending)-1]
				carryOut(tr.take(false))
			}
		}
		carryOut(tr.take(true))
		require.Equal(t, finished, acked, "seed %d", seed)
	}
}
