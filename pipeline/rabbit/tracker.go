package rabbit

// tracker finds out which deliveries of a channel can be acked, and lets many
// be acked by one frame. Tags are those of one channel, so they grow by one.
// It is not safe for concurrent use.
type tracker struct {
	// patience is how many finished deliveries may wait for an older one
	// before they are acked one by one, so that a slow hit does not hold up
	// what came after it.
	patience int

	first uint64       // the oldest tag that is not settled
	state []settlement // of the tags from first on
	late  int          // how many of them are finished
}

type settlement uint8

const (
	pending  settlement = iota
	finished            // to be acked
	told                // the broker knows already
)

// acks is what to tell the broker: all up to a tag, when it is not 0, and
// single tags beyond it.
type acks struct {
	upTo   uint64
	single []uint64
}

// add takes in a new delivery.
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

// finish records that every hit of a delivery has its outcome.
func (t *tracker) finish(tag uint64) {
	t.state[tag-t.first] = finished
	t.late++
}

// drop records that a delivery was given back to the broker.
func (t *tracker) drop(tag uint64) { t.state[tag-t.first] = told }

// take answers what can be acked now, and forgets it. With all, deliveries
// beyond an unfinished one are acked too.
func (t *tracker) take(all bool) acks {
	var answer acks
	n := 0
	for ; n < len(t.state) && t.state[n] != pending; n++ {
		if t.state[n] == finished {
			answer.upTo = t.first + uint64(n)
			t.late--
		}
	}
	t.first += uint64(n)
	t.state = t.state[:copy(t.state, t.state[n:])]
	if t.late == 0 || !all && t.late < t.patience {
		return answer
	}
	for i, s := range t.state {
		if s == finished {
			t.state[i] = told
			answer.single = append(answer.single, t.first+uint64(i))
		}
	}
	t.late = 0
	return answer
}
