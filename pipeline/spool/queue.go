package spool

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/pipeline/deadline"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

// Broker is where hits belong. *rabbit.Publisher is one.
type Broker interface {
	// Publish returns nil when the broker holds every message durably.
	Publish(topic string, messages ...*message.Message) error
	// Err says why the broker can make nothing durable right now, or nil.
	Err() error
}

// QueueOptions set up a Queue. Zero values mean the defaults.
type QueueOptions struct {
	// Broker takes the hits, those that arrive and those that are drained;
	// needed.
	Broker Broker
	// Log keeps what the broker does not take; needed. It is not closed.
	Log *Log
	// After is how long the broker may take to confirm a hit before it is
	// spooled. Default 250 ms.
	After time.Duration
	// Logger is told when spooling begins and when the spool is drained.
	// Default slog.Default.
	Logger *slog.Logger
}

// DefaultAfter is how long the broker may take by default: many times what a
// healthy one needs, and less than a visitor notices.
const DefaultAfter = 250 * time.Millisecond

// Queue makes hits durable: at the broker, or on disk while the broker does
// not confirm in time. It implements the receiver's Queue. Run hands what is on
// disk to the broker; without it, hits stay there.
type Queue struct {
	options QueueOptions
	// patience is what the broker is given for a hit.
	patience *deadline.Shared
	shares   *shares

	// arrived counts the hits that came, and troubles has, by topic, how the
	// broker last failed one: the drain yields to both.
	arrived  atomic.Uint64
	troubles sync.Map    // of *trouble
	spooling atomic.Bool // something was spooled since the Log was last empty
}

// trouble is a hit that the broker did not take.
type trouble struct {
	at  time.Time
	err error
}

// calm is how long the broker must have taken every hit before it counts as
// sound again.
const calm = time.Second

// away says why the broker takes nothing, or did not take a hit just now.
func (q *Queue) away() error {
	if err := q.options.Broker.Err(); err != nil {
		return err
	}
	var found error
	q.troubles.Range(func(topic, _ any) bool {
		found = q.troubleWith(topic.(string))
		return found == nil
	})
	return found
}

// troubleWith says why the broker did not take a hit of this topic just now.
func (q *Queue) troubleWith(topic string) error {
	if last, ok := q.troubles.Load(topic); ok && time.Since(last.(*trouble).at) < calm {
		return last.(*trouble).err
	}
	return nil
}

// NewQueue makes a Queue.
func NewQueue(options QueueOptions) *Queue {
	if options.After <= 0 {
		options.After = DefaultAfter
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	return &Queue{options: options, patience: deadline.New(context.Background(), options.After), shares: newShares()}
}

// Put returns nil when the hit is durable. A hit that the broker did not
// confirm in time may reach it all the same, and then comes twice, which its
// id tells. The error is that of the Log, when that cannot take it either, or
// of a hit that can travel in no form. The broker is given its time whatever
// becomes of ctx, the Log is not.
//
// What a door refused is never put on disk: nothing was promised for it, anybody
// can send as much of it as he likes, and the Log's room is for hits that were
// accepted. A click on a link that is paused is none of these: its visitor came,
// as to any other.
func (q *Queue) Put(ctx context.Context, h *hit.Hit) error {
	e, err := entryOf(h)
	if err != nil {
		return err
	}
	q.arrived.Add(1)
	refused := q.publish(e)
	if refused == nil {
		return nil
	}
	if failure.Of(refused) == failure.Permanent || h.Refusal != "" && h.Kind != hit.Click {
		return refused
	}
	if err := q.append(ctx, h, e); err != nil {
		return fmt.Errorf("%w, and neither does the broker take it: %w", err, refused)
	}
	if !q.spooling.Swap(true) {
		q.options.Logger.Warn("the broker takes no hits, they are spooled", "error", refused)
	}
	return nil
}

// append puts a hit on disk, if there is room for it and for others.
func (q *Queue) append(ctx context.Context, h *hit.Hit, e entry) error {
	record := e.encode()
	state := q.options.Log.State()
	free := q.options.Log.options.MaxBytes - state.Bytes
	if free > 0 && !q.shares.take(hit.NetworkOf(h.Client()), len(record), state, free) {
		return fmt.Errorf("%w, but for what is kept for other networks than the hit's", ErrFull)
	}
	return q.options.Log.Append(ctx, record)
}

// publish waits for the broker, unless it is known to take nothing.
func (q *Queue) publish(e entry) error {
	err := q.options.Broker.Err()
	if err == nil {
		msg := e.message()
		msg.SetContext(q.patience.Context())
		err = q.options.Broker.Publish(e.topic, msg)
	}
	if err != nil {
		q.troubles.Store(e.topic, &trouble{time.Now(), err})
	}
	return err
}

// Status reports whether hits can be made durable: at the broker or on disk. The
// error is nil when they can, and the remark, which may be empty, is then what
// an operator should know.
func (q *Queue) Status() (remark string, err error) {
	away, failing := q.away(), q.options.Log.Err()
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
