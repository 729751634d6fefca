package spool

import (
	"net/netip"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// shareOfFree is how many times the free space one of several networks may hold:
	// 8/9 of the Log if the others hold next to nothing, and less if others hold as
	// much, so that a new network still finds space.
	shareOfFree = 8
	// maxNetworks bounds the memory of shares to some 10 MB. A network
	// that was evicted counts from 0 again.
	maxNetworks = 1 << 16
	// leastScale is the scale below which the earlier counts are practically 0.
	leastScale = 1e-9
)

// shares prevents the hits of one network from filling the Log while the broker is away.
// A stranger's hits with a made-up token are answered, and so stored, like those of a
// customer, because no response may reveal whether a text is a valid token; for the
// same reason the bound is the same for all networks. It moves with the free space, as
// switches share their buffers between ports. A single network, as behind a proxy that
// is not trusted, has no bound but MaxBytes.
//
// When the Log is drained, the counts of all networks shrink in the same proportion:
// shares does not track whose records were drained.
type shares struct {
	mu      sync.Mutex
	held    *lru.Cache[netip.Addr, float64] // bytes, in units of scale
	scale   float64
	drained uint64 // records drained at the last call of age
}

func newShares() *shares {
	held, err := lru.New[netip.Addr, float64](maxNetworks)
	if err != nil {
		panic(err) // only a size below one is refused
	}
	return &shares{held: held, scale: 1}
}

// take reports whether a network may use size bytes more, and counts them if so.
func (s *shares) take(network netip.Addr, size int, state State, free int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age(state)
	held, known := s.held.Get(network)
	alone := s.held.Len() == 0 || known && s.held.Len() == 1
	if !alone && held*s.scale+float64(size) > shareOfFree*float64(free) {
		return false
	}
	s.held.Add(network, held+float64(size)/s.scale)
	return true
}

// age shrinks the counts by the share of records that were drained since the last call.
func (s *shares) age(state State) {
	drained := float64(state.Drained - s.drained)
	s.drained = state.Drained
	if state.Records > 0 {
		s.scale *= float64(state.Records) / (float64(state.Records) + drained)
	}
	if state.Records == 0 || s.scale < leastScale {
		s.held.Purge()
		s.scale = 1
	}
}
