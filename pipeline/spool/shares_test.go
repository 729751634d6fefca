package spool

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// shelf is a Log without a disk, which keeps only the counts.
type shelf struct {
	shares *shares
	state  State
	bound  int64
}

func newShelf() *shelf { return &shelf{shares: newShares(), bound: 1 << 20} }

// put adds records of 1 KiB for a network until one is refused, at most n.
func (s *shelf) put(network string, n int) (taken int) {
	for taken < n && s.state.Bytes+1024 <= s.bound && s.shares.take(netip.MustParseAddr(network), 1024, s.state, s.bound-s.state.Bytes) {
		taken++
		s.state.Records++
		s.state.Bytes += 1024
	}
	return taken
}

func (s *shelf) drain(n int64) {
	s.state.Records -= n
	s.state.Drained += uint64(n)
	s.state.Bytes -= n * 1024
}

func TestANetworkThatIsAloneHasAllOfTheSpool(t *testing.T) {
	t.Parallel()
	s := newShelf()
	require.Equal(t, 1024, s.put("203.0.113.0", 2000))
}

func TestANetworkThatFloodsLeavesRoomForEveryOther(t *testing.T) {
	t.Parallel()
	s := newShelf()
	require.Equal(t, 1, s.put("192.0.2.0", 1))
	require.InDelta(t, 1024*shareOfFree/(shareOfFree+1), s.put("203.0.113.0", 2000), 2)
	require.Equal(t, 60, s.put("198.51.100.0", 60))
	require.Equal(t, 20, s.put("2001:db8::", 20))
	require.Zero(t, s.put("203.0.113.0", 2000), "what is free is not for the one who has most")
}

func TestWhatIsDrainedIsFreeForTheSameNetworkAgain(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.put("192.0.2.0", 1)
	for range 50 { // an outage that comes and goes, and a spool that is never empty
		s.put("203.0.113.0", 2000)
		require.Greater(t, s.state.Records, int64(1024/2))
		s.drain(s.state.Records / 2)
		require.Greater(t, s.put("203.0.113.0", 2000), 1024/4)
	}
	s.drain(s.state.Records)
	s.put("192.0.2.0", 1)
	require.InDelta(t, 1024*shareOfFree/(shareOfFree+1), s.put("203.0.113.0", 2000), 2)
}
