package batch

// lane holds the waiting items of one owner, oldest first. Entries before head are taken.
type lane[T any] struct {
	owner   int64
	entries []entry[T]
	head    int
	next    *lane[T] // whose turn follows
}

// add adds an entry, and returns how many abandoned ones it removed.
func (l *lane[T]) add(e entry[T]) (removed int) {
	if l.head > len(l.entries)/2 {
		removed = l.compact()
	}
	l.entries = append(l.entries, e)
	return removed
}

func (l *lane[T]) len() int { return len(l.entries) - l.head }

func (l *lane[T]) first() *entry[T] { return &l.entries[l.head] }

// drop removes the first entry.
func (l *lane[T]) drop() {
	*l.first() = entry[T]{} // for the garbage collector
	if l.head++; l.head == len(l.entries) {
		l.entries, l.head = l.entries[:0], 0
	}
}

// dropAbandoned removes the abandoned entries before the first that is not, and returns how
// many they were.
func (l *lane[T]) dropAbandoned() (dropped int) {
	for l.len() > 0 && l.first().call.abandoned {
		l.drop()
		dropped++
	}
	return dropped
}

// compact removes taken and abandoned entries, and returns how many abandoned ones.
func (l *lane[T]) compact() (removed int) {
	kept := l.entries[:0]
	for _, e := range l.entries[l.head:] {
		if e.call.abandoned {
			removed++
			continue
		}
		kept = append(kept, e)
	}
	clear(l.entries[len(kept):])
	l.entries, l.head = kept, 0
	return removed
}
