package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"golang.org/x/time/rate"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// deadChoice says which dead letters replay and discard work on.
type deadChoice struct {
	IDs []id `arg:"" optional:"" name:"id" help:"Receipts of single hits."`
	deadFilter
	All    bool `help:"Work on every open dead letter, without any filter."`
	DryRun bool `help:"Only tell what would be done."`
}

// Validate refuses a choice that was probably not meant.
func (c *deadChoice) Validate() error {
	switch {
	case len(c.IDs) > 0 && (c.chosen() || c.All):
		return errors.New("name either receipts or a filter, not both")
	case len(c.IDs) == 0 && !c.chosen() && !c.All:
		return errors.New("name receipts, or a filter such as --reason, or --all for every open dead letter")
	default:
		return nil
	}
}

type deadReplayCommand struct {
	output
	deadChoice
	Rate perSecond `placeholder:"N/s" help:"At most so many hits a second. Default: as fast as the broker confirms."`
}

// Run publishes the chosen hits again. Without receipts only open ones are
// chosen, and only those that had died when the run began: a hit that dies
// again is not replayed in a circle.
func (c *deadReplayCommand) Run(ctx context.Context, app *app) error {
	return c.run(ctx, app, c.output, deadAction{
		verb: "replayed", status: store.DeadReplayed, rate: c.Rate, anyNamed: true,
		open: app.publisher,
	})
}

type deadDiscardCommand struct {
	output
	deadChoice
}

// Run marks the chosen open dead letters as given up.
func (c *deadDiscardCommand) Run(ctx context.Context, app *app) error {
	return c.run(ctx, app, c.output, deadAction{verb: "discarded", status: store.DeadDiscarded})
}

// deadAction is what replay and discard do differently.
type deadAction struct {
	verb   string
	status store.DeadStatus
	rate   perSecond
	// anyNamed lets a named dead letter be worked on whatever its status.
	anyNamed bool
	// open gives what the hits are published with; nil publishes nothing.
	open func() (message.Publisher, error)
}

// deadResult is what replay and discard answer.
type deadResult struct {
	Chosen      int64            `json:"chosen"`
	Done        int64            `json:"-"`
	Replayed    *int64           `json:"replayed,omitempty"`
	Discarded   *int64           `json:"discarded,omitempty"`
	Undecodable int64            `json:"undecodable"`
	DryRun      bool             `json:"dry_run"`
	Interrupted bool             `json:"interrupted"`
	Reasons     []deadReasonView `json:"reasons"`
}

func (c *deadChoice) run(ctx context.Context, app *app, out output, action deadAction) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	filter, err := c.bound(ctx, db, action)
	if err != nil {
		return err
	}
	counted, err := db.DeadReasons(ctx, filter)
	if err != nil {
		return err
	}
	result := deadResult{DryRun: c.DryRun}
	result.Reasons, result.Chosen = viewDeadReasons(counted)
	for _, reason := range counted {
		if action.open != nil && reason.Reason == attribution.Undecodable {
			result.Undecodable = reason.Letters
		}
	}
	if !c.DryRun && result.Chosen > 0 {
		err = sweep(ctx, app, db, filter, action, &result)
	}
	if printed := c.report(app, out, action, &result); printed != nil {
		return printed
	}
	switch {
	case result.Interrupted:
		return withHint(fmt.Errorf("interrupted: %d of %d dead letters were %s", result.Done, result.Chosen, action.verb),
			"run the same command again: it does the rest")
	case errors.Is(err, rabbit.ErrUnroutable):
		return withHint(err, "the queues are missing: run integr8 topology, then the same command again")
	case err != nil:
		return withHint(fmt.Errorf("%d of %d dead letters were %s: %w", result.Done, result.Chosen, action.verb, err),
			"mend what is wrong and run the same command again: it does the rest")
	case len(c.IDs) > 0 && result.Undecodable > 0:
		return withHint(fmt.Errorf("%d of the dead letters named hold no hit and cannot be replayed", result.Undecodable),
			"integr8 dead show ID shows what came; integr8 dead discard ID gives it up")
	default:
		return nil
	}
}

// bound fixes what is worked on at this moment, and refuses receipts of which
// there is no dead letter.
func (c *deadChoice) bound(ctx context.Context, db *store.Store, action deadAction) (store.DeadFilter, error) {
	now, err := db.Now(ctx)
	if err != nil {
		return store.DeadFilter{}, err
	}
	filter := c.forStore()
	if filter.Until.IsZero() || filter.Until.After(now) {
		filter.Until = now
	}
	if len(c.IDs) == 0 {
		filter.Status = store.DeadOpen
		return filter, nil
	}
	for _, one := range c.IDs {
		found, err := db.DeadLetters(ctx, store.DeadFilter{IDs: numbers([]id{one})}, store.NewestDeath, nil, 1)
		switch {
		case err != nil:
			return store.DeadFilter{}, err
		case len(found) == 0:
			return store.DeadFilter{}, withHint(fmt.Errorf("no dead letter %s; nothing was done", one),
				"integr8 trace "+one.String()+" tells what became of the hit")
		}
	}
	filter.IDs = numbers(c.IDs)
	if !action.anyNamed {
		filter.Status = store.DeadOpen
	}
	return filter, nil
}

// settleTimeout bounds the marking of what was just published, which is
// finished even when the operator interrupts.
const settleTimeout = 10 * time.Second

// sweep carries the action out on every dead letter that the filter chooses,
// the oldest first, in batches: publish, wait for the confirms, then mark.
// Interrupted between the two, a batch stays open and is published again by
// the next run, which the handlers take for the same hits.
func sweep(ctx context.Context, app *app, db *store.Store, filter store.DeadFilter, action deadAction, result *deadResult) (err error) {
	carryOut := func(page []store.DeadLetter) ([]store.DeadLetter, error) { return page, nil }
	if action.open != nil {
		publisher, err := action.open()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, publisher.Close()) }()
		carryOut = func(page []store.DeadLetter) ([]store.DeadLetter, error) { return republish(publisher, page) }
	}
	size, limiter := action.rate.pace()
	bar := newProgress(app.stderr, action.verb, result.Chosen)
	defer bar.finish()

	result.Undecodable = 0
	var after *store.DeadLetter
	for {
		page, err := db.DeadLetters(ctx, filter, store.OldestDeath, after, size)
		if err == nil && len(page) == 0 {
			return nil
		}
		if err == nil {
			after = &page[len(page)-1]
			err = limiter.WaitN(ctx, len(page))
		}
		if ctx.Err() != nil {
			result.Interrupted = true
			return nil
		}
		if err != nil {
			return err
		}
		done, err := carryOut(page)
		if err != nil {
			return err
		}
		if err := settle(ctx, db, done, action.status); err != nil {
			return err
		}
		result.Done += int64(len(done))
		result.Undecodable += int64(len(page) - len(done))
		bar.add(len(page))
	}
}

func settle(ctx context.Context, db *store.Store, done []store.DeadLetter, status store.DeadStatus) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	_, err := db.SettleDeadLetters(ctx, done, status)
	return err
}

// republish sends the hits again as they first came, waits until the broker
// has confirmed every one, and answers the dead letters that held a hit.
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

// replayable gives the hit that a dead letter holds.
func replayable(letter store.DeadLetter) (*hit.Hit, error) {
	if letter.Reason == attribution.Undecodable {
		return nil, errors.New("the dead letter holds no hit")
	}
	h, err := hit.Decode(letter.Payload)
	if err != nil {
		return nil, err
	}
	if h.ID != letter.ID {
		return nil, errors.New("the dead letter holds another hit")
	}
	return h, nil
}

func (c *deadChoice) report(app *app, out output, action deadAction, result *deadResult) error {
	if action.status == store.DeadReplayed {
		result.Replayed = &result.Done
	} else {
		result.Discarded = &result.Done
	}
	return out.print(app, result, func(t *table) {
		if result.DryRun {
			deadReasonTable(t, result.Reasons)
			t.row()
			t.row(fmt.Sprintf("%d dead letters would be %s.%s", result.Chosen-result.Undecodable, action.verb, result.skipped()))
			return
		}
		t.row(fmt.Sprintf("%d of %d dead letters were %s.%s", result.Done, result.Chosen, action.verb, result.skipped()))
	})
}

func (r *deadResult) skipped() string {
	if r.Undecodable == 0 {
		return ""
	}
	return fmt.Sprintf(" %d hold no hit (reason undecodable) and cannot be replayed.", r.Undecodable)
}

// perSecond is a rate; zero means no bound.
type perSecond float64

// UnmarshalText reads 200, 200/s or 0.5/s.
func (p *perSecond) UnmarshalText(text []byte) error {
	number, err := strconv.ParseFloat(strings.TrimSuffix(string(text), "/s"), 64)
	if err != nil || math.IsNaN(number) || number <= 0 || math.IsInf(number, 0) {
		return fmt.Errorf("%q is not a rate such as 200/s", text)
	}
	*p = perSecond(number)
	return nil
}

// pace gives the size of the batches, about ten a second, and what holds them
// back.
func (p perSecond) pace() (int, *rate.Limiter) {
	if p == 0 {
		return deadPage, rate.NewLimiter(rate.Inf, deadPage)
	}
	size := int(min(max(float64(p)/10, 1), deadPage))
	return size, rate.NewLimiter(rate.Limit(p), size)
}

// publisher gives a connection to publish with, which the caller closes.
func (a *app) publisher() (message.Publisher, error) {
	address, err := a.settings.amqpURL()
	if err != nil {
		return nil, err
	}
	return rabbit.NewPublisher(rabbit.PublisherOptions{
		URL: address, Topology: a.settings.topology(), ConfirmTimeout: a.settings.ConfirmTimeout, Logger: a.logger(),
	})
}
