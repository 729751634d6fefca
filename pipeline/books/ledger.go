// Package books numbers what a receiver promises, so that it can be proved that
// nothing of it is missing.
//
// A receiver's process is an incarnation: a random id, made at its start. It numbers
// the hits of each topic from 1, without gaps: a Ledger issues the numbers, and knows
// which of them were promised. Statements that say so travel through the queues behind
// the hits. What workers settle is a set of numbers, kept in blocks. Statements less
// that set are the hits that are on their way, or missing.
package books

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Span is the numbers from First to Last.
type Span struct {
	First, Last int64
}

// Hits counts the numbers of a span.
func (s Span) Hits() int64 { return s.Last - s.First + 1 }

// Ledger issues the numbers of one incarnation. It is safe for concurrent use.
type Ledger struct {
	identity Identity

	mu    sync.Mutex
	pages map[string]*page
}

// page is the part of a Ledger for one topic. Every number up to concluded is either
// promised or withdrawn. states are those of the numbers that follow.
type page struct {
	concluded int64
	states    []state
	// stated is the end of the latest durable statement, and ends those of the latest
	// repeats statements. withdrawn are the withdrawn numbers above repeated, the end of
	// the statement before these.
	stated    int64
	ends      []int64
	repeated  int64
	withdrawn []Span
}

// repeats is in how many further statements a withdrawn number is said. A statement that
// is lost in its queue would otherwise leave the number promised, and so missing.
const repeats = 5

type state uint8

const (
	pending state = iota
	promised
	withdrawn
)

// NewLedger returns the Ledger of a new incarnation with that home.
func NewLedger(home uuid.UUID) *Ledger {
	return &Ledger{identity: Identity{newIncarnation(), now(), home}, pages: map[string]*page{}}
}

// newIncarnation returns a random number above 0 with 48 bits, which has few digits and
// which every reader of JSON keeps exactly.
func newIncarnation() int64 {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return int64(binary.BigEndian.Uint64(random[:])>>16) | 1
}

// now returns the time as Postgres keeps it, so that times can be compared.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Identity returns whose numbers the Ledger issues.
func (l *Ledger) Identity() Identity { return l.identity }

// Issue returns the next number of a topic. The caller calls Conclude with it once.
func (l *Ledger) Issue(topic string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.page(topic)
	p.states = append(p.states, pending)
	return p.concluded + int64(len(p.states))
}

// Conclude says whether the hit with a number is durable, and so promised. A hit that is
// not may still arrive.
func (l *Ledger) Conclude(topic string, number int64, durable bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.page(topic)
	p.states[number-p.concluded-1] = withdrawn
	if durable {
		p.states[number-p.concluded-1] = promised
	}
	done := 0
	for ; done < len(p.states) && p.states[done] != pending; done++ {
		p.concluded++
		if p.states[done] == withdrawn {
			p.withdraw(p.concluded)
		}
	}
	p.states = p.states[done:]
}

func (l *Ledger) page(topic string) *page {
	p := l.pages[topic]
	if p == nil {
		p = &page{}
		l.pages[topic] = p
	}
	return p
}

func (p *page) withdraw(number int64) {
	if last := len(p.withdrawn) - 1; last >= 0 && p.withdrawn[last].Last == number-1 {
		p.withdrawn[last].Last = number
		return
	}
	p.withdrawn = append(p.withdrawn, Span{number, number})
}

// maxWithdrawn bounds the spans of withdrawn numbers in one statement. What is beyond
// them is for the next statement.
const maxWithdrawn = 1000

// Statement returns what can be said about a topic now. It says the same again until
// Stated is called.
func (l *Ledger) Statement(topic string) Statement {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.page(topic)
	s := Statement{
		Identity: l.identity, Topic: topic, SentAt: now(),
		After: p.repeated, UpTo: p.concluded, Withdrawn: above(p.withdrawn, p.repeated),
	}
	if len(s.Withdrawn) > maxWithdrawn { // no room to repeat any
		s.After, s.Withdrawn = p.stated, above(p.withdrawn, p.stated)
	}
	if len(s.Withdrawn) > maxWithdrawn {
		s.UpTo = s.Withdrawn[maxWithdrawn].First - 1
		s.Withdrawn = s.Withdrawn[:maxWithdrawn]
	}
	return s
}

// Stated says that a statement is durable, so that the next one follows it.
func (l *Ledger) Stated(s Statement) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.page(s.Topic)
	p.stated = s.UpTo
	p.ends = append(p.ends, s.UpTo)
	if len(p.ends) > repeats {
		p.repeated = p.ends[0]
		p.ends = slices.Delete(p.ends, 0, 1)
		p.withdrawn = above(p.withdrawn, p.repeated)
	}
}

// above returns the numbers of spans, which are in order, above a number.
func above(spans []Span, number int64) []Span {
	rest := slices.DeleteFunc(slices.Clone(spans), func(span Span) bool { return span.Last <= number })
	if len(rest) > 0 {
		rest[0].First = max(rest[0].First, number+1)
	}
	return rest
}

// hasNews reports whether numbers of a topic are concluded that no statement covers.
func (l *Ledger) hasNews(topic string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.page(topic)
	return p.concluded > p.stated
}
