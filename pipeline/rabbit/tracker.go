package rabbit

// tracker decides which deliveries of a channel can be acked, many of them with one
// frame. Delivery tags count up by one on a channel. It is not safe for concurrent use.
type tracker struct {
	// overtakeAfter is how many finished deliveries may wait for an older one
	// before they are acked one by one, so that a slow hit does not delay the acks of
	// later deliveries.
	overtakeAfter int

	first uint64       // the oldest tag that is not settled
	state []settlement // of the tags from first on
	ready int          // how many of them are finished
}

type settlement uint8

const (
	pending  settlement = iota
	finished            // to be acked
	settled             // acked or nacked
)

// acks are the acks to send: one for all deliveries up to the tag upTo, unless that is
// 0, and one for each tag in single.
type acks struct {
	upTo   uint64
	single []uint64
}

// add records a new delivery.
func (t *tracker) add(tag uint64) {
	if len(t.state) == 0 {
		t.first = tag
	}
	for t.first+uint64(len(t.state)) <= tag {
		t.state = append(t.state, pending)
	}
}

// empty reports whether nothing is under way.
func (t *tracker) empty() bool { return len(t.state) == 0 }

// finish records that every hit of a delivery is settled, so that it can be acked.
func (t *tracker) finish(tag uint64) {
	t.state[tag-t.first] = finished
	t.ready++
}

// drop records that a delivery was returned to its queue.
func (t *tracker) drop(tag uint64) { t.state[tag-t.first] = settled }

// take returns the deliveries that can be acked now, and drops them. With all, it
// includes finished deliveries behind an unfinished one.
func (t *tracker) take(all bool) acks {
	var due acks
	n := 0
	for ; n < len(t.state) && t.state[n] != pending; n++ {
		if t.state[n] == finished {
			due.upTo = t.first + uint64(n)
			t.ready--
		}
	}
	t.first += uint64(n)
	t.state = t.state[:copy(t.state, t.state[n:])]
	if t.ready == 0 || !all && t.ready < t.overtakeAfter {
		return due
	}
	for i, s := range t.state {
		if s == finished {
			t.state[i] = settled
			due.single = append(due.single, t.first+uint64(i))
		}
	}
	t.ready = 0
	return due
}
