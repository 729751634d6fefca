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

	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// settleTimeout bounds the marking of what was just published, which is
// finished even when the operator interrupts.
const settleTimeout = 10 * time.Second

// sweep carries the action out on every dead letter that the filter chooses,
// the oldest first, in batches: publish, wait for the confirms, then mark.
// Interrupted between the two, a batch stays open and is published again by
// the next run, which the handlers take for the same hits.
func sweep(ctx context.Context, app *app, db *store.Store, filter store.DeadFilter, action deadAction, result *deadResult) (err error) {
	carryOut := func(page []store.DeadLetter) ([]store.DeadLetter, error) { return page, nil }
	prepare := func(page []store.DeadLetter) ([]store.DeadLetter, error) { return page, nil }
	if action.open != nil {
		publisher, err := action.open()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, publisher.Close()) }()
		carryOut = func(page []store.DeadLetter) ([]store.DeadLetter, error) { return republish(publisher, page) }
		prepare = func(page []store.DeadLetter) ([]store.DeadLetter, error) { return reopen(ctx, db, page) }
	}
	size, limiter := action.rate.pace()
	bar := newProgress(app.stderr, action.verb, result.Chosen)
	defer bar.finish()

	result.Undecodable, result.Resolved = 0, 0
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
		letters, err := prepare(page)
		if err != nil {
			return err
		}
		done, err := carryOut(letters)
		if err != nil {
			return err
		}
		if err := settle(ctx, db, done, action.status); err != nil {
			return err
		}
		result.Done += int64(len(done))
		if action.open != nil {
			result.Stand += standing(done)
		}
		result.Undecodable += int64(len(letters) - len(done))
		result.Resolved += int64(len(page) - len(letters))
		bar.add(len(page))
	}
}

// reopen leaves out resolved dead letters, and opens discarded ones: a death of
// a discarded hit counts as one more copy of the death before, and would be
// passed over, so that a replay that fails would not show.
func reopen(ctx context.Context, db *store.Store, page []store.DeadLetter) ([]store.DeadLetter, error) {
	var letters, discarded []store.DeadLetter
	for _, letter := range page {
		switch letter.Status {
		case store.DeadResolved:
			continue
		case store.DeadDiscarded:
			if _, err := replayable(letter); err != nil {
				break
			}
			discarded = append(discarded, letter)
			letter.Status = store.DeadOpen
		}
		letters = append(letters, letter)
	}
	return letters, settle(ctx, db, discarded, store.DeadOpen)
}

func settle(ctx context.Context, db *store.Store, done []store.DeadLetter, status store.DeadStatus) error {
	if len(done) == 0 {
		return nil
	}
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

// standing counts the hits that will be refused again whatever was mended.
func standing(letters []store.DeadLetter) (n int64) {
	for _, letter := range letters {
		if h, err := replayable(letter); err == nil && h.Stands() != "" {
			n++
		}
	}
	return n
}

// replayable gives the hit that a dead letter holds. One that could not be
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
