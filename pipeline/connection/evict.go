package connection

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

const (
	// roomShare is the fraction 1/roomShare of Max that is evicted at once, so that one
	// scan of all connections serves many new ones.
	roomShare = 64
	// fullPause is how long new connections are refused without another scan
	// after a scan that found nothing to evict.
	fullPause = 50 * time.Millisecond
	// writeTime is how long a response may take to be written before its
	// connection may be evicted. A response fits into a socket's buffer, so that a
	// write waits only when the sender has left many responses unread.
	writeTime = time.Second
)

// makeRoom evicts connections, in this order: those that have waited for a
// request for the longest; those whose request is arriving; those whose sender
// does not read. The lock is held.
func (l *Listener) makeRoom() bool {
	now := time.Now()
	if now.Before(l.fullUntil) {
		return false
	}
	n := l.options.Max/roomShare + 1
	if l.evict(n, isWaiting) > 0 || l.evict(n, isArriving) > 0 || l.evict(n, isStuck) > 0 ||
		l.options.EndServing && l.evict(n, isServing) > 0 {
		return true
	}
	l.fullUntil = now.Add(fullPause)
	return false
}

// freeBytes evicts connections until the requests under way use at most MaxBytes, and
// reports whether that succeeded. It evicts those whose request is arriving, and then
// those whose sender does not read the response. It evicts at least an eighth of
// MaxBytes at once, so that one scan of all connections serves many requests.
func (l *Listener) freeBytes() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, may := range []func(*Conn) bool{isArriving, isStuck} {
		excess := l.excess()
		if excess <= 0 { // the evicted connections that are not closed yet are enough
			return true
		}
		enough := max(l.options.MaxBytes/8, excess)
		n := (enough + l.options.ArrivalBytes - 1) / l.options.ArrivalBytes // the least number that is enough
		l.evict(int(n), func(c *Conn) bool { return c.charge.Load() > 0 && may(c) })
	}
	return l.excess() <= 0
}

// excess returns by how many bytes requests under way exceed MaxBytes, not counting
// evicted connections.
func (l *Listener) excess() int64 {
	return l.bytes.Load() - l.leavingBytes.Load() - l.options.MaxBytes
}

func isWaiting(c *Conn) bool  { return phase(c.phase.Load()) == waiting }
func isArriving(c *Conn) bool { return phase(c.phase.Load()) == arriving }
func isServing(c *Conn) bool  { return phase(c.phase.Load()) == serving }

func isStuck(c *Conn) bool {
	return phase(c.phase.Load()) == writing && time.Duration(c.listener.now()-c.since.Load()) >= writeTime
}

// candidate is a connection that may be evicted.
type candidate struct {
	conn  *Conn
	since int64
	// newer counts the candidates of the same sender that are newer.
	newer int
}

// evict evicts up to n of the connections for which may returns true, and returns how
// many. Those whose sender is exempt come last. Waiting connections are evicted by age,
// because that costs them little. Of the others, a sender with many connections loses
// its own before another sender loses one, however fast it opens new ones. The lock is
// held.
func (l *Listener) evict(n int, may func(*Conn) bool) int {
	var found []candidate
	for c := range l.conns {
		if may(c) && !c.evicted.Load() {
			found = append(found, candidate{conn: c, since: c.since.Load()})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Compare(b.since, a.since) })
	of := map[netip.Addr]int{}
	for i, c := range found {
		if c.conn.counted && !isWaiting(c.conn) {
			found[i].newer = of[c.conn.sender]
			of[c.conn.sender]++
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		switch {
		case a.conn.counted == b.conn.counted:
			return cmp.Or(cmp.Compare(b.newer, a.newer), cmp.Compare(a.since, b.since))
		case a.conn.counted:
			return -1
		default:
			return 1
		}
	})
	found = found[:min(n, len(found))]
	for _, c := range found {
		l.leaving++
		c.conn.leavingBytes = c.conn.charge.Load()
		l.leavingBytes.Add(c.conn.leavingBytes)
		l.evicted.Add(1)
		c.conn.evicted.Store(true)
		c.conn.stop()
	}
	return len(found)
}
