package dead

import (
	"context"
	"errors"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/worker"
)

// Broker is the message broker, as a replay needs it.
type Broker interface {
	// Depths returns how full each queue is, by the queue's name without a prefix.
	Depths(ctx context.Context) (map[string]rabbit.Depth, error)
	// Publisher returns a Publisher of hits, to the topic of their kind, with one hit a
	// message. Its Publish returns nil only when all are durable. The replay closes it.
	Publisher() (message.Publisher, error)
}

// Replay publishes hits again, under their own ids, so that nothing is ever paid twice.
type Replay struct {
	*Work
	// Wait is how long Run waits for the outcomes of the hits. Default 0: it does not
	// wait. It does not wait either when no worker takes the hits.
	Wait time.Duration

	// served is set when workers take from the queues of the hits.
	served bool
	// published holds the letters whose hits were published, without payload.
	published []Letter
	// unfollowed is set when nobody waits for the outcomes.
	unfollowed bool
}

// Replay prepares to publish the hits of the open letters that match the filter, or of
// those in its state. It chooses only letters that have died by now, so that a hit that
// dies again is not replayed in a circle. Of letters that are named by receipt,
// replayed and discarded ones are published too, but never a resolved one: its hit came
// to a good end. The result's warnings say which hits will fail again, and why.
func (l Letters) Replay(ctx context.Context, filter Filter, by Operator) (*Replay, error) {
	filter.State = stateFor(filter, "")
	w, err := l.prepare(ctx, filter, by.act(WasReplayed), traceInstead)
	if err != nil {
		return nil, err
	}
	r := &Replay{Work: w}
	for _, reason := range r.Result.Reasons {
		if reason.Reason == outcome.Undecodable {
			r.Result.Undecodable = reason.Letters
		}
	}
	if r.Named {
		resolved := r.filter
		resolved.State = StateResolved
		if _, r.Result.Resolved, err = l.Summary(ctx, resolved); err != nil {
			return nil, err
		}
	}
	if r.Result.Chosen == 0 {
		return r, nil
	}
	return r, r.warn(ctx)
}

// Run publishes in batches: publish, wait for the confirms, then mark. A batch that is
// interrupted between publish and mark stays open; the next run publishes it again, and
// the handlers recognise the same hits. When ctx ends while Run waits for the outcomes
// of the hits, the wait ends without an error.
func (r *Replay) Run(ctx context.Context, progress Progress) error {
	return r.end(r.carry(ctx, progress))
}

func (r *Replay) carry(ctx context.Context, progress Progress) (err error) {
	publisher, err := r.letters.Broker.Publisher()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, publisher.Close()) }()
	if r.swept == 0 {
		r.Result.Undecodable, r.Result.Resolved = 0, 0 // until now an estimate
	}
	err = r.sweep(ctx, progress, func(ctx context.Context, page []Letter) error { return r.page(ctx, publisher, page) })
	if err != nil || r.Result.Interrupted || r.unfollowed {
		return err
	}
	wait := r.Wait
	if !r.served {
		wait = 0 // no worker decides the hits
	}
	return r.await(ctx, wait, progress)
}

func (r *Replay) page(ctx context.Context, publisher message.Publisher, page []Letter) error {
	if err := r.keeper.KeepUnderWay(ctx, marksOf(page)); err != nil {
		return err
	}
	letters, err := r.reopen(ctx, page)
	if err != nil {
		return err
	}
	done, err := republish(publisher, letters)
	if err != nil {
		return err
	}
	return r.settle(ctx, done, func(map[uuid.UUID]Status) {
		r.done += int64(len(done))
		r.Result.Stand += standing(done)
		r.Result.Undecodable += int64(len(letters) - len(done))
		r.Result.Resolved += int64(len(page) - len(letters))
		if r.unfollowed {
			return
		}
		for _, letter := range done {
			r.published = append(r.published, Letter{ID: letter.ID, LastEvent: letter.LastEvent})
		}
	})
}

// reopen removes resolved dead letters from the page and opens discarded ones. Without
// that, the death of a discarded hit would count as one more copy of the earlier death,
// and a replay that fails would not show.
func (r *Replay) reopen(ctx context.Context, page []Letter) ([]Letter, error) {
	var discarded []Letter
	for _, letter := range page {
		if _, err := letter.Hit(); err == nil && letter.Status == Discarded {
			discarded = append(discarded, letter)
		}
	}
	opened := map[uuid.UUID]Status{}
	if len(discarded) > 0 {
		act := r.act
		act.Event = WasUndone
		var err error
		if opened, err = r.letters.Store.SettleDeadLetters(ctx, discarded, act); err != nil {
			return nil, err
		}
	}
	var letters []Letter
	for _, letter := range page {
		if status, changed := opened[letter.ID]; changed {
			letter.Status = status
		}
		if letter.Status != Resolved {
			letters = append(letters, letter)
		}
	}
	return letters, nil
}

// republish publishes the hits in their original form, waits until the broker has
// confirmed all of them, and returns the dead letters that held a hit.
func republish(publisher message.Publisher, page []Letter) ([]Letter, error) {
	var letters []Letter
	topics := map[string][]*message.Message{}
	for _, letter := range page {
		h, err := letter.Hit()
		if err != nil {
			continue
		}
		letters = append(letters, letter)
		topic := h.Kind.Topic()
		msg := message.NewMessage(h.ID.String(), letter.Payload)
		worker.MarkReplay(msg)
		topics[topic] = append(topics[topic], msg)
	}
	for topic, messages := range topics {
		if err := publisher.Publish(topic, messages...); err != nil {
			return nil, err
		}
	}
	return letters, nil
}

// standing counts the hits that will be refused again, whatever was corrected since.
func standing(letters []Letter) (n int64) {
	for _, letter := range letters {
		if h, err := letter.Hit(); err == nil && h.Stands() != "" {
			n++
		}
	}
	return n
}
