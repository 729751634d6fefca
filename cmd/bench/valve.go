package main

import "context"

// valve lets the senders of a closed loop send at a rate that it finds by trying: more
// and more while all goes well, nothing while too much waits, and then a little less
// than before. So the system under test, fast or slow, always has something to do and
// never much too much.
type valve struct {
	places chan struct{}
	// each is how many requests may pass between two turns.
	each float64
	open bool
}

const (
	// valveGrowth at each turn reaches any rate within a warm-up.
	valveGrowth = 1.05
	valveReduce = 0.8
	// widest is more than any number of connections can use between two turns.
	widest = 4096
)

func newValve() *valve { return &valve{places: make(chan struct{}, widest), each: 1, open: true} }

// turn opens the valve a little wider, or shuts it. Only one goroutine may call it.
func (v *valve) turn(open bool) {
	if !open {
		if v.open {
			v.each = max(1, v.each*valveReduce)
		}
		v.open = false
		for {
			select {
			case <-v.places:
				continue
			default:
			}
			return
		}
	}
	v.open = true
	v.each = min(widest, v.each*valveGrowth)
	for range int(v.each) {
		select {
		case v.places <- struct{}{}:
		default:
			return
		}
	}
}

// pass waits until a request may be sent, or ctx ends.
func (v *valve) pass(ctx context.Context) {
	select {
	case <-v.places:
	case <-ctx.Done():
	}
}
