package spool

import (
	"net/netip"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// shareOfFree is how many times what is free one network of several may hold:
	// 8/9 of the Log if the others hold next to nothing, and less beside others
	// that have as much, so that whoever comes new still finds room.
	shareOfFree = 8
	// rememberedNetworks bounds the memory of shares to some 10 MB. A network
	// that others pushed out counts from nothing.
	rememberedNetworks = 1 << 16
	// leastScale is where what was held before has as good as gone.
	leastScale = 1e-9
)

// shares keeps the hits of one network from taking the Log from those of all
// others while the broker is away. A stranger's hits with a made-up token are
// answered, and so kept, like a customer's, because no answer may tell whether a
// text is somebody's token; and for the same reason the bound is the same for
// everybody. It moves with what is free, as the buffers of a switch are shared. A
// network that is alone, as behind a proxy that is not trusted, is not bounded:
// the Log is full when it has filled it.
//
// What a network holds goes down as the Log is drained, by the same part for all:
// whose records were drained is not looked at.
type shares struct {
	mu      sync.Mutex
	held    *lru.Cache[netip.Addr, float64] // bytes, in units of scale
	scale   float64
	drained uint64 // records, when last looked at
}

func newShares() *shares {
	held, err := lru.New[netip.Addr, float64](rememberedNetworks)
	if err != nil {
		panic(err) // only a size below one is refused
	}
	return &shares{held: held, scale: 1}
}

// take reports whether a network may have so many bytes more, and counts them.
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

// age takes off what was drained since the last look.
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
