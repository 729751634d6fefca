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

// queue holds the waiting items, in a lane for each owner. Batches take one item from each
// lane in turn. The zero queue is empty, and its items have one owner.
type queue[T any] struct {
	owner func(T) int64 // nil while all have the same
	lanes map[int64]*lane[T]
	// last is the lane whose turn was last. The lanes form a ring, in which the next one is
	// that whose turn is next.
	last      *lane[T]
	spare     []*lane[T]
	size      int // entries, with the abandoned ones
	abandoned int // entries whose caller no longer waits
}

// mostSpare bounds the empty lanes that are kept to be used again, and the room of each.
const mostSpare = 256

func (q *queue[T]) add(c *call, items []T) {
	q.size += len(items)
	for i, item := range items {
		q.forget(q.laneOf(item).add(entry[T]{item, c, i}))
	}
}

// forget counts abandoned entries that were removed.
func (q *queue[T]) forget(removed int) { q.size, q.abandoned = q.size-removed, q.abandoned-removed }

func (q *queue[T]) laneOf(item T) *lane[T] {
	var owner int64
	if q.owner != nil {
		owner = q.owner(item)
	}
	l := q.lanes[owner]
	if l != nil {
		return l
	}
	if n := len(q.spare); n > 0 {
		l, q.spare = q.spare[n-1], q.spare[:n-1]
	} else {
		l = new(lane[T])
	}
	if q.lanes == nil {
		q.lanes = map[int64]*lane[T]{}
	}
	l.owner, q.lanes[owner] = owner, l
	if q.last == nil {
		l.next = l
	} else {
		l.next, q.last.next = q.last.next, l
	}
	q.last = l
	return l
}

// len returns the number of items whose caller still waits.
func (q *queue[T]) len() int { return q.size - q.abandoned }

// take removes the next batch, within the bounds of options. Items of one owner keep their
// order.
func (q *queue[T]) take(options Options[T]) []entry[T] {
	var taken []entry[T]
	bytes := 0
	for q.size > 0 && len(taken) < options.MaxItems {
		l := q.last.next
		q.forget(l.dropAbandoned())
		if l.len() == 0 {
			q.pass(l)
			continue
		}
		next := l.first()
		if options.MaxBytes > 0 {
			bytes += options.Size(next.item)
			if len(taken) > 0 && bytes > options.MaxBytes {
				break
			}
		}
		next.call.waiting--
		if taken == nil {
			taken = make([]entry[T], 0, min(options.MaxItems, q.len()))
		}
		taken = append(taken, *next)
		l.drop()
		q.size--
		q.pass(l)
	}
	return taken
}

// pass ends the turn of a lane. When it is empty, it was the last one, unless there is no
// other owner.
func (q *queue[T]) pass(l *lane[T]) {
	if l.len() > 0 || q.owner == nil {
		q.last = l
		return
	}
	if q.last.next = l.next; q.last == l {
		q.last = nil
	}
	delete(q.lanes, l.owner)
	if len(q.spare) < mostSpare && cap(l.entries) <= mostSpare {
		q.spare = append(q.spare, l)
	}
}

// abandon drops the waiting entries of a call. In an outage thousands of callers stop
// waiting at once, so abandon only marks the entries; compact removes many together.
func (q *queue[T]) abandon(c *call) {
	c.abandoned = true
	q.abandoned += c.waiting
	if q.abandoned > q.size/2 {
		q.compact()
	}
}

// compact removes abandoned entries.
func (q *queue[T]) compact() {
	for _, l := range q.lanes {
		q.forget(l.compact())
	}
}
