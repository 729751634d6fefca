package audit

import (
	"time"

	"integr8/pipeline/books"
)

// account is the balance of a stream above the number base.
type account struct {
	stream   *books.Stream
	state    string
	base     int64
	promised int64
	// provable are the missing numbers that have left their queue, and open those that may
	// still be in it or in a spool. hidden counts those of provable that may wait
	// elsewhere.
	provable, open []books.Span
	hidden         int64
	// unproved counts the numbers that a receiver which runs no more gave out after its
	// last statement and that are not settled.
	unproved int64
	// homeSpools is set while the receiver's directory is known to hold hits.
	homeSpools bool
}

// accountsOf returns the accounts of streams that promised anything since a time.
func accountsOf(streams []*books.Stream, since, now time.Time) []*account {
	spooled := spoolsOf(streams)
	var accounts []*account
	for _, s := range streams {
		if s.LastHeard().Before(since) {
			continue
		}
		a := &account{stream: s, state: stateOf(s, now), homeSpools: spooled[home{s.Home.String(), s.Topic}]}
		if !since.IsZero() {
			a.base = s.StatedBy(since)
		}
		upTo, withdrawn := s.PromisedTo(), s.Withdrawn()
		a.promised = max(0, upTo-a.base) - books.Hits(books.Within(withdrawn, a.base, upTo))
		missing := s.Settled.Missing(a.base, upTo, withdrawn)
		a.provable = books.Within(missing, 0, s.ProvableTo())
		a.open = books.Within(missing, s.ProvableTo(), upTo)
		// What is settled was promised, though no statement says so yet or ever will.
		beyond, largest := s.Settled.Beyond(upTo)
		a.promised += beyond
		if a.state != Live {
			a.unproved = largest - upTo - beyond
		}
		accounts = append(accounts, a)
	}
	return accounts
}

// home is the directory of a receiver, for one topic.
type home struct{ id, topic string }

// spoolsOf returns the homes whose newest incarnation reported hits in its spool.
func spoolsOf(streams []*books.Stream) map[home]bool {
	newest := map[home]*books.Stream{}
	spools := map[home]bool{}
	for _, s := range streams {
		at := home{s.Home.String(), s.Topic}
		if before := newest[at]; before == nil || s.BeganAt.After(before.BeganAt) {
			newest[at], spools[at] = s, s.Spooled > 0
		}
	}
	return spools
}

// underWay counts the missing hits that may be in the queue, and those in a spool.
func (a *account) underWay() (queued, spooled int64) {
	hits := books.Hits(a.open)
	if a.homeSpools || a.state == Silent {
		return 0, hits
	}
	return hits, 0
}

// provedUntil is when the newest statement was sent up to which every promised hit is
// settled.
func (a *account) provedUntil() (proved time.Time) {
	upTo := a.stream.ProvableTo()
	if len(a.provable) > 0 {
		upTo = a.provable[0].First - 1
	} else if len(a.open) == 0 {
		upTo = a.stream.PromisedTo()
	}
	for _, statement := range a.stream.Statements {
		if statement.UpTo <= upTo {
			proved = statement.SentAt
		}
	}
	if len(a.provable) == 0 && len(a.open) == 0 && a.stream.PassedSentAt.After(proved) {
		return a.stream.PassedSentAt // it was idle since
	}
	return proved
}

// provedByAll is the earliest time of the accounts that are not closed. An account is
// closed when its receiver will promise no more and nothing of it is missing.
func provedByAll(accounts []*account, now time.Time) *time.Time {
	earliest := now
	for _, a := range accounts {
		closed := a.state != Live && len(a.provable) == 0 && len(a.open) == 0
		if closed {
			continue
		}
		if proved := a.provedUntil(); proved.Before(earliest) {
			earliest = proved
		}
	}
	return orNull(earliest)
}
