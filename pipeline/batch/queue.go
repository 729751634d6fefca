package batch

// call is one Do. The group's lock guards it.
type call struct {
	waiting   int // items that no batch has taken yet
	left      int // items without an outcome
	abandoned bool
	err       error
	index     int // of the item that err belongs to
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

// entry is an item that waits.
type entry[T any] struct {
	item  T
	call  *call
	index int // among the items of its call
}

// queue holds what waits, oldest first. Entries before head are gone.
type queue[T any] struct {
	entries   []entry[T]
	head      int
	abandoned int // entries from head on whose caller has given up
}

func (q *queue[T]) add(c *call, items []T) {
	if q.head > len(q.entries)/2 {
		q.compact()
	}
	for i, item := range items {
		q.entries = append(q.entries, entry[T]{item, c, i})
	}
}

// len is how many wait whose caller has not given up.
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

// abandon forgets the entries of a call that wait. Under an outage thousands
// give up at once, so that they are only marked here and swept together.
func (q *queue[T]) abandon(c *call) {
	c.abandoned = true
	q.abandoned += c.waiting
	if q.abandoned > (len(q.entries)-q.head)/2 {
		q.compact()
	}
}

// compact drops what is gone and what is abandoned.
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
