package spool

import (
	"context"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/cenkalti/backoff/v5"

	"integr8/pipeline/failure"
)

// What is drained at once: some full messages of the broker.
const (
	drainRecords = 512
	drainBytes   = 1 << 20
)

const (
	// lookEvery is how often a drain that waits for the broker looks again.
	lookEvery = 100 * time.Millisecond
	// calmAtMost bounds the wait until the broker is calm: one that fails some
	// hits for ever must not keep the spool from being drained for ever.
	calmAtMost = 5 * time.Second
)

// Run drains the Log, oldest first, whenever the broker takes hits, until ctx
// ends; then it returns nil, and what is left stays on disk. It is called once.
//
// Hits that the broker takes in different messages at the same moment may
// overtake each other, as those that arrive do; handlers do not mind.
//
// It yields to the hits that arrive: one batch is out at a time, it pauses as
// long as that took whenever hits arrived meanwhile, and it holds back while
// the broker has trouble with them.
func (q *Queue) Run(ctx context.Context) error {
	retry := &backoff.ExponentialBackOff{
		InitialInterval: lookEvery, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 5 * time.Second,
	}
	reported := ""
	for ctx.Err() == nil {
		q.awaitCalm(ctx)
		before, began := q.arrived.Load(), time.Now()
		drained, err := q.drainOne(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			if text := err.Error(); text != reported {
				q.options.Logger.Warn("the spool is not drained, trying again", "error", text)
				reported = text
			}
			pause(ctx, retry.NextBackOff())
		case !drained:
			if q.spooling.Swap(false) {
				q.options.Logger.Info("the spool is drained")
			}
			_ = q.options.Log.Wait(ctx) // the loop looks at ctx
		default:
			retry.Reset()
			reported = ""
			if q.arrived.Load() != before {
				pause(ctx, time.Since(began))
			}
		}
	}
	return nil
}

// drainOne publishes the oldest batch; false when there is none.
func (q *Queue) drainOne(ctx context.Context) (bool, error) {
	found, err := q.options.Log.Read(drainRecords, drainBytes)
	if err != nil || found == nil {
		return false, err
	}
	if err := q.publishAll(ctx, found); err != nil {
		q.trouble.Store(&trouble{time.Now(), err})
		return false, err
	}
	return true, q.options.Log.Commit(found)
}

// awaitCalm waits, where there are hits to drain, until the broker is there and
// takes what arrives.
func (q *Queue) awaitCalm(ctx context.Context) {
	var since time.Time
	for ctx.Err() == nil && q.options.Log.State().Records > 0 {
		if q.options.Broker.Err() == nil {
			if since.IsZero() {
				since = time.Now()
			}
			if q.away() == nil || time.Since(since) > calmAtMost {
				return
			}
		}
		pause(ctx, lookEvery)
	}
}

// publishAll publishes the hits of a batch, those of each topic in order.
func (q *Queue) publishAll(ctx context.Context, found *Batch) error {
	var topics []string
	messages := map[string][]*message.Message{}
	for _, content := range found.Contents {
		e, err := decodeEntry(content)
		if err != nil {
			q.giveUp(found, err)
			continue
		}
		msg := e.message()
		msg.SetContext(ctx)
		if messages[e.topic] == nil {
			topics = append(topics, e.topic)
		}
		messages[e.topic] = append(messages[e.topic], msg)
	}
	for _, topic := range topics {
		err := q.options.Broker.Publish(topic, messages[topic]...)
		if failure.Of(err) == failure.Permanent {
			err = q.publishEach(found, topic, messages[topic])
		}
		if err != nil {
			return fmt.Errorf("drain the spool: %w", err)
		}
	}
	return nil
}

// publishEach publishes one by one, so that a hit that can travel in no form
// does not keep the others from it.
func (q *Queue) publishEach(found *Batch, topic string, messages []*message.Message) error {
	for _, msg := range messages {
		err := q.options.Broker.Publish(topic, msg)
		if failure.Of(err) == failure.Permanent {
			q.giveUp(found, fmt.Errorf("hit %s: %w", msg.UUID, err))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// giveUp keeps the file of a record that can never be published.
func (q *Queue) giveUp(found *Batch, err error) {
	found.Unsent()
	q.options.Logger.Error("a spooled hit cannot be published; its file is kept", "error", err)
}

// pause waits, but not longer than ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
