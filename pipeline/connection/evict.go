package connection

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

const (
	// roomShare is the part of all that makes room at once, so that a look at
	// every connection is paid for by many new ones.
	roomShare = 64
	// lookAgain is how long new connections are refused without another look
	// after one that found nothing idle.
	lookAgain = 50 * time.Millisecond
	// answerTime is how long an answer may take to be written before its
	// connection may make room. An answer fits into a socket's buffer, so that
	// writing waits only for a sender that reads none of many.
	answerTime = time.Second
)

// makeRoom has connections closed, in this order: those that have waited for a
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
	l.fullUntil = now.Add(lookAgain)
	return false
}

// relieve has requests given up, until those under way weigh no more than they
// may, and reports whether they do so then: those that are arriving, and those
// whose sender does not read the answer. An eighth goes at once, for the same
// reason as in makeRoom.
func (l *Listener) relieve() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, may := range []func(*Conn) bool{isArriving, isStuck} {
		excess := l.excess()
		if excess <= 0 { // those that leave are enough
			return true
		}
		enough := max(l.options.MaxBytes/8, excess)
		n := (enough + l.options.ArrivalBytes - 1) / l.options.ArrivalBytes // not one more: none is given up for nothing
		l.evict(int(n), func(c *Conn) bool { return c.charge.Load() > 0 && may(c) })
	}
	return l.excess() <= 0
}

// excess is by how much requests under way weigh too much, without those that
// leave.
func (l *Listener) excess() int64 {
	return l.bytes.Load() - l.leavingBytes.Load() - l.options.MaxBytes
}

func isWaiting(c *Conn) bool  { return phase(c.phase.Load()) == waiting }
func isArriving(c *Conn) bool { return phase(c.phase.Load()) == arriving }
func isServing(c *Conn) bool  { return phase(c.phase.Load()) == serving }

func isStuck(c *Conn) bool {
	return phase(c.phase.Load()) == answering && time.Duration(c.listener.now()-c.since.Load()) >= answerTime
}

// candidate is a connection that may make room.
type candidate struct {
	conn  *Conn
	since int64
	// newer is how many of its sender may make room too and are newer.
	newer int
}

// evict closes up to n of the connections that may make room, and returns how
// many. Those whose sender is exempt come last. Of the others, those that wait
// go by age, for it costs them little; elsewhere a sender loses his own before he
// costs another one his, however fast he opens new ones. The lock is held.
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
