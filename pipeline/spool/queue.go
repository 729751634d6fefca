package spool

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"integr8/pipeline/books"
	"integr8/pipeline/deadline"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

// Broker accepts hits. *rabbit.Publisher implements it.
type Broker interface {
	// Publish returns nil when the broker holds every message durably.
	Publish(topic string, messages ...*message.Message) error
	// Err returns why the broker cannot make messages durable now, or nil.
	Err() error
}

// QueueOptions set up a Queue. Zero values mean the defaults.
type QueueOptions struct {
	// Broker receives the hits that arrive and those that are drained; needed.
	Broker Broker
	// Log stores the hits that the broker does not confirm; needed. The caller closes
	// it.
	Log *Log
	// Ledger numbers the hits that Put accepts. Default: one with a home of its own.
	Ledger *books.Ledger
	// After is how long the broker may take to confirm a hit before it is
	// spooled. Default 250 ms.
	After time.Duration
	// Logger logs that spooling begins and that the spool is drained.
	// Default slog.Default.
	Logger *slog.Logger
}

// DefaultAfter is the default of QueueOptions.After: many times the confirm time of a
// healthy broker, and less than a visitor notices.
const DefaultAfter = 250 * time.Millisecond

// Queue makes hits durable: at the broker, or on disk when the broker does
// not confirm in time. It implements the receiver's Queue. Run publishes the hits on
// disk; without it they stay there.
type Queue struct {
	options QueueOptions
	// confirmDeadline bounds the wait for the confirm of a hit.
	confirmDeadline *deadline.Shared
	shares          *shares

	// arrived counts the hits that arrived. failures holds, by topic, the latest failed
	// publish. The drain waits because of both, see Run.
	arrived  atomic.Uint64
	failures sync.Map    // of *publishFailure
	spooling atomic.Bool // something was spooled since the Log was last empty
}

// publishFailure is the error of a publish, and when it happened.
type publishFailure struct {
	at  time.Time
	err error
}

// failureMemory is how long the broker must have confirmed every hit after a failure
// before it counts as healthy again.
const failureMemory = time.Second

// brokerErr returns why the broker accepts nothing, or the latest failure of any topic
// within failureMemory, or nil.
func (q *Queue) brokerErr() error {
	if err := q.options.Broker.Err(); err != nil {
		return err
	}
	var found error
	q.failures.Range(func(topic, _ any) bool {
		found = q.recentFailure(topic.(string))
		return found == nil
	})
	return found
}

// recentFailure returns the latest failure of a topic within failureMemory, or nil.
func (q *Queue) recentFailure(topic string) error {
	if last, ok := q.failures.Load(topic); ok && time.Since(last.(*publishFailure).at) < failureMemory {
		return last.(*publishFailure).err
	}
	return nil
}

// NewQueue returns a Queue. The caller must call Run to have the Log drained.
func NewQueue(options QueueOptions) *Queue {
	if options.After <= 0 {
		options.After = DefaultAfter
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.Ledger == nil {
		options.Ledger = books.NewLedger(uuid.New())
	}
	return &Queue{options: options, confirmDeadline: deadline.New(context.Background(), options.After), shares: newShares()}
}

// Put returns nil when the hit is durable. A hit that the broker did not confirm in
// time may still reach it, and is then delivered twice under the same id. Put returns
// the error of the Log when that cannot store the hit either, and a permanent error
// for a hit that can never be sent. The end of ctx does not shorten the wait for the
// broker; it does shorten the wait for the Log.
//
// Put gives the hit the next number of the Ledger, which it has promised when Put
// returns nil.
//
// Put never writes a refused hit to disk: its sender was promised nothing, anybody can
// send any number of them, and the space of the Log is for accepted hits. A click on a
// paused link is not such a refusal, because its visitor came all the same.
func (q *Queue) Put(ctx context.Context, h *hit.Hit) error {
	topic := h.Kind.Topic()
	h.Incarnation, h.Number = q.options.Ledger.Identity().Incarnation, q.options.Ledger.Issue(topic)
	err := q.put(ctx, h)
	q.options.Ledger.Conclude(topic, h.Number, err == nil)
	return err
}

func (q *Queue) put(ctx context.Context, h *hit.Hit) error {
	e, err := entryOf(h)
	if err != nil {
		return err
	}
	q.arrived.Add(1)
	unpublished := q.publish(e)
	if unpublished == nil {
		return nil
	}
	if failure.Of(unpublished) == failure.Permanent || h.Refusal != "" && h.Kind != hit.Click {
		return unpublished
	}
	if err := q.append(ctx, h, e); err != nil {
		return fmt.Errorf("%w, and the broker does not accept the hit: %w", err, unpublished)
	}
	if !q.spooling.Swap(true) {
		q.options.Logger.Warn("the broker does not accept hits, they are spooled", "error", unpublished)
	}
	return nil
}

// append writes a hit to disk, if its network may use more of the free space, see
// shares.
func (q *Queue) append(ctx context.Context, h *hit.Hit, e entry) error {
	record := e.encode()
	state := q.options.Log.State()
	free := q.options.Log.options.MaxBytes - state.Bytes
	if free > 0 && !q.shares.take(hit.NetworkOf(h.Client()), len(record), state, free) {
		return fmt.Errorf("%w for the network of this hit: the free space is kept for other networks", ErrFull)
	}
	return q.options.Log.Append(ctx, record)
}

// publish publishes the hit and waits for the confirm. It fails at once while
// Broker.Err returns an error.
func (q *Queue) publish(e entry) error {
	err := q.options.Broker.Err()
	if err == nil {
		msg := e.message()
		msg.SetContext(q.confirmDeadline.Context())
		err = q.options.Broker.Publish(e.topic, msg)
	}
	if err != nil {
		q.failures.Store(e.topic, &publishFailure{time.Now(), err})
	}
	return err
}

// Status reports whether hits can be made durable, at the broker or on disk. When they
// can, err is nil, and remark, which may be empty, is one line for the operator.
func (q *Queue) Status() (remark string, err error) {
	away, failing := q.brokerErr(), q.options.Log.Err()
	state := q.options.Log.State()
	waiting := fmt.Sprintf("%d hits, the oldest %s old", state.Records, state.Age().Round(time.Second))
	if state.Records == 1 {
		waiting = fmt.Sprintf("1 hit, %s old", state.Age().Round(time.Second))
	}
	switch {
	case away != nil && failing != nil:
		return "", fmt.Errorf("%w, and the broker takes no hits: %w (waiting: %s)", failing, away, waiting)
	case q.options.Broker.Err() != nil:
		return "broker away, spooling: " + waiting, nil
	case away != nil:
		return "the broker is there, but failed hits just now, spooling: " + waiting, nil
	case failing != nil:
		return fmt.Sprintf("the broker is there, but the spool takes nothing: %v (waiting: %s)", failing, waiting), nil
	case state.Records > 0:
		return "the broker is there, draining the spool: " + waiting, nil
	}
	return "", nil
}
