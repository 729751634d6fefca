package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"integr8/handlers/operate/queues"
	"integr8/pipeline/books"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
)

// DefaultGrace is longer than the broker takes to notice that a worker has died and to
// deliver its messages again.
const DefaultGrace = 30 * time.Second

// mostHits is how many hits an AMQP message may hold, see INTEGR8_BATCH_HITS.
const mostHits = 4096

// MostMissing bounds the spans in Balance.Missing.
const MostMissing = 1000

// Store reads the books. The store implements it.
type Store interface {
	// Books returns the streams, oldest first, at one moment, which is at.
	Books(ctx context.Context, grace time.Duration) (streams []*books.Stream, at time.Time, err error)
	// CountWaiting counts the postbacks that wait for their click.
	CountWaiting(ctx context.Context) (int64, error)
}

// Queues looks at the queues. *queues.Watcher implements it.
type Queues interface {
	Look(ctx context.Context) (queues.View, error)
}

// Looked is a look at the queues that is over.
type Looked struct {
	View queues.View
	Err  error
}

// Look returns what was seen.
func (l Looked) Look(context.Context) (queues.View, error) { return l.View, l.Err }

// Audits compares promises with what is settled.
type Audits struct {
	Store  Store
	Queues Queues
	// Grace is how long after a statement has passed its queue the hits before it may
	// still be with a worker. Default DefaultGrace.
	Grace time.Duration
}

// Balance returns the balance of what was promised since a time; the zero time means all
// that is known.
func (a Audits) Balance(ctx context.Context, since time.Time) (Balance, error) {
	grace := cmp.Or(a.Grace, DefaultGrace)
	// The queues first: a hit that leaves one meanwhile is settled when the books are read.
	view, unasked := a.Queues.Look(ctx)
	if ctx.Err() != nil {
		return Balance{}, context.Cause(ctx)
	}
	waiting, err := a.Store.CountWaiting(ctx)
	if err != nil {
		return Balance{}, err
	}
	streams, at, err := a.Store.Books(ctx, grace)
	if err != nil {
		return Balance{}, err
	}
	balance := Balance{AsOf: at, Since: orNull(since), Receivers: []Receiver{}, Missing: []Missing{}}
	if unasked == nil {
		unasked = view.Unasked
	}
	if unasked != nil {
		balance.Unasked = failure.OneLine(unasked)
	}
	accounts := accountsOf(streams, since, at)
	hideIn(accounts, roomIn(view, unasked, grace))
	for _, account := range accounts {
		balance.add(account)
	}
	balance.Places.Waiting = min(waiting, balance.Settled)
	balance.Settled -= balance.Places.Waiting
	balance.OnTheWay += balance.Places.Waiting
	balance.ProvedUntil = provedByAll(accounts, at)
	balance.Queues = lagsOf(streams, at)
	return balance, nil
}

// roomIn returns by topic how many hits the queues of failed hits, the quarantine and the
// workers may hold at most.
func roomIn(view queues.View, unasked error, grace time.Duration) func(topic string) int64 {
	const unknown = 1 << 62
	shared, own := int64(0), map[string]int64{}
	for _, queue := range view.Queues {
		room := int64(queue.Messages)*mostHits + int64(queue.InFlight)
		topic, quarantine := rabbit.QuarantinedTopic(queue.Topic)
		switch {
		case quarantine:
			own[topic] += room
		case rabbit.IsRetry(queue.Topic) || queue.Topic == rabbit.TopicDead:
			shared += room
		case queue.OldestSeconds != nil && *queue.OldestSeconds > grace.Seconds():
			own[queue.Topic] += int64(queue.InFlight)
		}
	}
	return func(topic string) int64 {
		if unasked != nil {
			return unknown
		}
		return shared + own[topic]
	}
}

// hideIn takes for on their way those of the provable missing hits that something can
// hold: all of a topic, or as many as there is room for.
func hideIn(accounts []*account, room func(topic string) int64) {
	left := map[string]int64{}
	for _, a := range accounts {
		if _, known := left[a.stream.Topic]; !known {
			left[a.stream.Topic] = room(a.stream.Topic)
		}
		hits := books.Hits(a.provable)
		a.hidden = min(hits, left[a.stream.Topic])
		left[a.stream.Topic] -= a.hidden
	}
}

func (b *Balance) add(a *account) {
	s := a.stream
	provable := books.Hits(a.provable)
	queued, spooled := a.underWay()
	receiver := Receiver{
		Receiver: s.Receiver, Incarnation: s.Incarnation, Queue: rabbit.QueueOf(s.Topic), BeganAt: s.BeganAt,
		State: a.state, Promised: a.promised, OnTheWay: queued + spooled + a.hidden, Unaccounted: provable - a.hidden,
		ProvedUntil: orNull(a.provedUntil()), LastHeard: orNull(s.LastHeard()), Unproved: a.unproved,
	}
	receiver.Settled = receiver.Promised - receiver.OnTheWay - receiver.Unaccounted
	b.Receivers = append(b.Receivers, receiver)
	b.Promised += receiver.Promised
	b.Settled += receiver.Settled
	b.OnTheWay += receiver.OnTheWay
	b.Unaccounted += receiver.Unaccounted
	b.Unproved += receiver.Unproved
	b.Places.Queue += queued
	b.Places.Spool += spooled
	b.Places.Retry += a.hidden
	if receiver.Unaccounted == 0 {
		return
	}
	for _, span := range a.provable {
		if len(b.Missing) == MostMissing {
			return
		}
		from, until := s.PromisedWithin(span)
		b.Missing = append(b.Missing, Missing{
			Receiver: s.Receiver, Incarnation: s.Incarnation, Queue: receiver.Queue, First: span.First, Last: span.Last,
			Hits: span.Hits(), PromisedAfter: orNull(from), PromisedBefore: orNull(until),
		})
	}
}

// ErrUnaccounted is the error of a balance in which hits are missing.
var ErrUnaccounted = errors.New("unaccounted")

// Err returns an error when hits are unaccounted, or rows differ.
func (b Balance) Err() error {
	if b.Unaccounted == 0 {
		if b.Rows != nil {
			return b.Rows.Err()
		}
		return nil
	}
	return failure.WithHint(fmt.Errorf("%d promised hits are %w", b.Unaccounted, ErrUnaccounted),
		"a policy of the broker, an operator or a disk has removed them: `integr8 doctor` looks for such policies; their senders have them still")
}

func lagsOf(streams []*books.Stream, now time.Time) []Lag {
	lags := map[string]time.Duration{}
	for _, s := range streams {
		lag := time.Duration(0)
		if s.SentAt.After(s.PassedSentAt) {
			lag = s.Lag + max(0, now.Sub(s.ReportedAt))
		}
		lags[s.Topic] = max(lags[s.Topic], lag)
	}
	sorted := make([]Lag, 0, len(lags))
	for topic, lag := range lags {
		sorted = append(sorted, Lag{rabbit.QueueOf(topic), lag.Seconds()})
	}
	slices.SortFunc(sorted, func(a, b Lag) int { return cmp.Compare(a.Queue, b.Queue) })
	return sorted
}
