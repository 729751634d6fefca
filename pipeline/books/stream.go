package books

import (
	"cmp"
	"slices"
	"time"
)

// Passed is a statement that has passed its queue.
type Passed struct {
	UpTo      int64
	Withdrawn []Span
	SentAt    time.Time
}

// Stream is what the books hold of one incarnation and topic.
type Stream struct {
	Identity
	Topic string
	// Receiver names the process for people.
	Receiver string
	// ReportedTo is the number up to which the receiver itself reported its promises, with
	// Spooled records in its spool, at ReportedAt; Lag and SentAt are as in Standing.
	ReportedTo, Spooled int64
	Lag                 time.Duration
	SentAt, ReportedAt  time.Time
	// Unstated are withdrawn numbers that the receiver reported itself.
	Unstated []Span
	Ended    bool
	// PassedTo and PassedSentAt are of the newest statement that has passed.
	PassedTo     int64
	PassedSentAt time.Time
	// ClearedTo is the number up to which every promised hit was in the queue before a
	// statement that passed a while ago. Overtaken says that it is all of them.
	ClearedTo int64
	Overtaken bool
	// Statements are in the order of their numbers. Where one is missing, all between its
	// neighbours was promised.
	Statements []Passed
	Settled    Settled
}

// PromisedTo is the number up to which hits are known to be promised or withdrawn.
func (s *Stream) PromisedTo() int64 { return max(s.ReportedTo, s.PassedTo) }

// LastHeard is when the receiver last reported, or sent a statement that has passed.
func (s *Stream) LastHeard() time.Time {
	if s.PassedSentAt.After(s.ReportedAt) {
		return s.PassedSentAt
	}
	return s.ReportedAt
}

// ProvableTo is the number up to which a hit that is not settled has left its queue.
func (s *Stream) ProvableTo() int64 {
	if s.Overtaken {
		return s.PromisedTo()
	}
	return s.ClearedTo
}

// Withdrawn returns the numbers that were not promised, in order.
func (s *Stream) Withdrawn() []Span {
	all := slices.Clone(s.Unstated)
	for _, statement := range s.Statements {
		all = append(all, statement.Withdrawn...)
	}
	return Union(all)
}

// StatedBy returns the number up to which statements were sent by a time.
func (s *Stream) StatedBy(at time.Time) int64 {
	upTo := int64(0)
	for _, statement := range s.Statements {
		if !statement.SentAt.After(at) {
			upTo = statement.UpTo
		}
	}
	return upTo
}

// PromisedWithin returns the time in which the numbers of a span were promised: from
// when the statement before them was sent to when their own was. One that no statement
// bounds is zero.
func (s *Stream) PromisedWithin(span Span) (from, until time.Time) {
	for _, statement := range s.Statements {
		if statement.UpTo < span.First {
			from = statement.SentAt
		}
		if statement.UpTo >= span.Last {
			return from, statement.SentAt
		}
	}
	return from, time.Time{}
}

// Complete returns runs of the blocks that can be kept as such: those of runs already,
// and those in which every number is stated, and settled or withdrawn.
func (s *Stream) Complete() []Run {
	runs := slices.Clone(s.Settled.Runs)
	withdrawn := s.Withdrawn()
	for block := range s.Settled.Open {
		first, last := block*BlockSize, (block+1)*BlockSize
		if last <= s.PassedTo && len(s.Settled.Missing(first, last, withdrawn)) == 0 {
			runs = append(runs, Run{block, 1})
		}
	}
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Compare(a.Block, b.Block) })
	var complete Settled
	for _, run := range runs {
		complete.AddRun(run)
	}
	return complete.Runs
}
