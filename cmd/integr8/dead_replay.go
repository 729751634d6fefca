package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

type deadReplayCommand struct {
	output
	deadOpenChoice
	Rate perSecond     `placeholder:"N/s" help:"At most so many hits a second. Default: as fast as the broker confirms."`
	Wait time.Duration `default:"10s" range:"0s..24h" help:"How long to wait for what becomes of the hits; 0s does not. Ctrl-C ends the wait and takes nothing back."`
	Note string        `placeholder:"TEXT" help:"Why: kept with what happened to each."`
}

// replayRun publishes dead letters.
type replayRun struct {
	*deadWork
	publisher message.Publisher
	// published are the letters whose hits were published, without payload.
	published []store.DeadLetter
}

// Run publishes the chosen hits again. Without receipts only open ones are
// chosen, and only those that had died when the run began: a hit that dies
// again is not replayed in a circle. With receipts a replayed or discarded one
// is published too, but never a resolved one: its hit came to a good end.
func (c *deadReplayCommand) Run(ctx context.Context, app *app) error {
	w, err := c.prepare(ctx, app, deadAction{
		verb: "replayed", act: app.act(store.DeadWasReplayed, c.Note), filtered: c.state(), unknown: traceInstead,
	})
	if err != nil {
		return err
	}
	for _, reason := range w.result.Reasons {
		if reason.Reason == attribution.Undecodable {
			w.result.Undecodable = reason.Letters
		}
	}
	if len(c.IDs) > 0 {
		resolved := w.filter
		resolved.State = store.StateResolved
		counted, err := w.db.DeadReasons(ctx, resolved)
		if err != nil {
			return err
		}
		_, w.result.Resolved = viewDeadReasons(counted)
	}
	if w.result.Chosen == 0 {
		return w.end(c.output, nil)
	}
	served, err := w.warn(ctx)
	if err != nil {
		return err
	}
	if c.DryRun {
		return w.end(c.output, nil)
	}
	return w.end(c.output, w.replay(ctx, c.Rate, served, c.Wait))
}

// replay publishes in batches: publish, wait for the confirms, then mark.
// Interrupted between the two, a batch stays open and is published again by the
// next run, which the handlers take for the same hits.
func (w *deadWork) replay(ctx context.Context, rate perSecond, served bool, wait time.Duration) (err error) {
	publisher, err := w.app.publisher()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, publisher.Close()) }()
	run := &replayRun{deadWork: w, publisher: publisher}
	w.result.Undecodable, w.result.Resolved = 0, 0
	if err := w.paced(ctx, rate, run.page); err != nil || w.result.Interrupted {
		return err
	}
	if !served {
		wait = 0 // nothing comes of what nobody takes
	}
	return run.await(ctx, wait)
}

func (r *replayRun) page(ctx context.Context, page []store.DeadLetter) error {
	letters, err := r.reopen(ctx, page)
	if err != nil {
		return err
	}
	done, err := republish(r.publisher, letters)
	if err != nil {
		return err
	}
	if _, err := settle(ctx, r.db, done, r.action.act); err != nil {
		return err
	}
	r.result.Done += int64(len(done))
	r.result.Stand += standing(done)
	r.result.Undecodable += int64(len(letters) - len(done))
	r.result.Resolved += int64(len(page) - len(letters))
	for _, letter := range done {
		r.published = append(r.published, store.DeadLetter{ID: letter.ID, LastEvent: letter.LastEvent})
	}
	return nil
}

// reopen leaves out resolved dead letters, and opens discarded ones: a death of
// a discarded hit counts as one more copy of the death before, and would be
// passed over, so that a replay that fails would not show.
func (r *replayRun) reopen(ctx context.Context, page []store.DeadLetter) ([]store.DeadLetter, error) {
	var discarded []store.DeadLetter
	for _, letter := range page {
		if _, err := replayable(letter); err == nil && letter.Status == store.DeadDiscarded {
			discarded = append(discarded, letter)
		}
	}
	act := r.action.act
	act.Event = store.DeadUndone
	opened, err := settle(ctx, r.db, discarded, act)
	if err != nil {
		return nil, err
	}
	var letters []store.DeadLetter
	for _, letter := range page {
		if status, changed := opened[letter.ID]; changed {
			letter.Status = status
		}
		if letter.Status != store.DeadResolved {
			letters = append(letters, letter)
		}
	}
	return letters, nil
}

// republish sends the hits again as they first came, waits until the broker
// has confirmed every one, and returns the dead letters that held a hit.
func republish(publisher message.Publisher, page []store.DeadLetter) ([]store.DeadLetter, error) {
	var letters []store.DeadLetter
	topics := map[string][]*message.Message{}
	for _, letter := range page {
		h, err := replayable(letter)
		if err != nil {
			continue
		}
		letters = append(letters, letter)
		topic := h.Kind.Topic()
		topics[topic] = append(topics[topic], message.NewMessage(h.ID.String(), letter.Payload))
	}
	for topic, messages := range topics {
		if err := publisher.Publish(topic, messages...); err != nil {
			return nil, err
		}
	}
	return letters, nil
}

// standing counts the hits that will be refused again whatever was mended.
func standing(letters []store.DeadLetter) (n int64) {
	for _, letter := range letters {
		if h, err := replayable(letter); err == nil && h.Stands() != "" {
			n++
		}
	}
	return n
}

// replayable returns the hit that a dead letter holds. One that could not be
// decoded when it died may be decodable now, by a newer program.
func replayable(letter store.DeadLetter) (*hit.Hit, error) {
	h, err := hit.Decode(letter.Payload)
	if err != nil {
		return nil, err
	}
	if h.ID != letter.ID {
		return nil, errors.New("the dead letter holds another hit")
	}
	return h, nil
}

// publisher makes a connection to publish with, which the caller closes.
func (a *app) publisher() (message.Publisher, error) {
	address, err := a.brokerURL()
	if err != nil {
		return nil, err
	}
	publisher, err := rabbit.NewPublisher(rabbit.PublisherOptions{
		URL: address, Topology: a.settings.topology(), ConfirmTimeout: a.settings.ConfirmTimeout, Logger: a.commandLogger(),
	})
	if err != nil {
		return nil, fmt.Errorf("prepare to publish: %w", err)
	}
	return publisher, nil
}
