package batch

// call is one Do. The group's lock guards it.
type call struct {
	waiting   int // items that are in no batch yet
	left      int // items without an outcome
	abandoned bool
	err       error
	index     int // of the item that failed with err
	done      chan struct{}
}

func (c *call) settle(index int, err error) {
	if err != nil && (c.err == nil || index < c.index) {
		c.err, c.index = err, index
	}
	if c.left--; c.left == 0 {
		close(c.done)
	}
}

// entry is a waiting item.
type entry[T any] struct {
	item  T
	call  *call
	index int // among the items of its call
}

// queue holds the waiting items, oldest first. Entries before head are taken.
type queue[T any] struct {
	entries   []entry[T]
	head      int
	abandoned int // entries from head on whose caller no longer waits
}

func (q *queue[T]) add(c *call, items []T) {
	if q.head > len(q.entries)/2 {
		q.compact()
	}
	for i, item := range items {
		q.entries = append(q.entries, entry[T]{item, c, i})
	}
}

// len returns the number of items whose caller still waits.
func (q *queue[T]) len() int { return len(q.entries) - q.head - q.abandoned }

// take removes the next batch, in order and within the bounds of options.
func (q *queue[T]) take(options Options[T]) []entry[T] {
	var taken []entry[T]
	bytes := 0
	for ; q.head < len(q.entries) && len(taken) < options.MaxItems; q.head++ {
		next := &q.entries[q.head]
		if next.call.abandoned {
			q.abandoned--
			*next = entry[T]{}
			continue
		}
		if options.MaxBytes > 0 {
			bytes += options.Size(next.item)
			if len(taken) > 0 && bytes > options.MaxBytes {
				break
			}
		}
		next.call.waiting--
		if taken == nil {
			taken = make([]entry[T], 0, min(options.MaxItems, len(q.entries)-q.head))
		}
		taken = append(taken, *next)
		*next = entry[T]{} // for the garbage collector
	}
	return taken
}

// abandon drops the waiting entries of a call. In an outage thousands of callers stop
// waiting at once, so abandon only marks the entries; compact removes many together.
func (q *queue[T]) abandon(c *call) {
	c.abandoned = true
	q.abandoned += c.waiting
	if q.abandoned > (len(q.entries)-q.head)/2 {
		q.compact()
	}
}

// compact removes taken and abandoned entries.
func (q *queue[T]) compact() {
	kept := q.entries[:0]
	for _, e := range q.entries[q.head:] {
		if !e.call.abandoned {
			kept = append(kept, e)
		}
	}
	clear(q.entries[len(kept):])
	q.entries, q.head, q.abandoned = kept, 0, 0
}
