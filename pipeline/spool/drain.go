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
	// A queue that is full may take a part of a batch, and all of it comes again.
	// So after a failure a lane is drained in batches of an eighth, down to
	// single hits, and after growAfter good ones in batches of eight times that.
	shrinkBy  = 8
	growAfter = 16
)

// Run drains the Log, oldest first, whenever the broker takes hits, until ctx
// ends; then it returns nil, and what is left stays on disk. It is called once.
//
// Hits that the broker takes in different messages at the same moment may
// overtake each other, as those that arrive do; handlers do not mind. Those of
// one topic do not wait for those of another whose queue is full.
//
// It yields to the hits that arrive: one batch is out at a time, it pauses as
// long as that took whenever hits arrived meanwhile, and it holds back while
// the broker has trouble with those of the same topic.
func (q *Queue) Run(ctx context.Context) error {
	drains := map[string]*laneDrain{}
	for ctx.Err() == nil {
		lanes := q.options.Log.Lanes()
		if len(lanes) == 0 {
			if q.spooling.Swap(false) {
				q.options.Logger.Info("the spool is drained")
			}
			_ = q.options.Log.Wait(ctx) // the loop looks at ctx
			continue
		}
		worked := false
		for _, lane := range lanes {
			if drains[lane] == nil {
				drains[lane] = newLaneDrain(q, lane)
			}
			worked = drains[lane].step(ctx) || worked
		}
		if !worked {
			pause(ctx, lookEvery)
		}
	}
	return nil
}

// laneDrain is how far the hits of one topic have come.
type laneDrain struct {
	queue *Queue
	lane  string
	limit int // of the records of a batch
	good  int // batches in a row
	// after is when the next batch may be tried, and since when the broker is
	// there and this lane waits for it to be calm.
	after, since time.Time
	retry        *backoff.ExponentialBackOff
	reported     string
}

func newLaneDrain(q *Queue, lane string) *laneDrain {
	return &laneDrain{queue: q, lane: lane, limit: drainRecords, retry: &backoff.ExponentialBackOff{
		InitialInterval: lookEvery, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 5 * time.Second,
	}}
}

// step publishes the oldest batch, if it is the time for it. It reports whether
// there was progress.
func (d *laneDrain) step(ctx context.Context) bool {
	if ctx.Err() != nil || !d.calm() || time.Now().Before(d.after) {
		return false
	}
	d.since = time.Time{}
	before, began := d.queue.arrived.Load(), time.Now()
	err := d.queue.drainOne(ctx, d.lane, d.limit)
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		d.failed(err)
		return false
	}
	d.retry.Reset()
	d.reported = ""
	if d.good++; d.good >= growAfter {
		d.good, d.limit = 0, min(drainRecords, d.limit*shrinkBy)
	}
	if d.queue.arrived.Load() != before {
		pause(ctx, time.Since(began))
	}
	return true
}

func (d *laneDrain) failed(err error) {
	d.good, d.limit = 0, max(1, d.limit/shrinkBy)
	d.after = time.Now().Add(d.retry.NextBackOff())
	if text := err.Error(); text != d.reported {
		d.queue.options.Logger.Warn("the spool is not drained, trying again", "topic", d.lane, "error", text)
		d.reported = text
	}
}

// calm reports whether the broker is there and takes what arrives of the topic,
// or has not for a while.
func (d *laneDrain) calm() bool {
	if d.queue.options.Broker.Err() != nil {
		d.since = time.Time{}
		return false
	}
	if d.since.IsZero() {
		d.since = time.Now()
	}
	return d.queue.troubleWith(d.lane) == nil || time.Since(d.since) > calmAtMost
}

// drainOne publishes the oldest batch of a lane.
func (q *Queue) drainOne(ctx context.Context, lane string, limit int) error {
	found, err := q.options.Log.Read(lane, limit, drainBytes)
	if err != nil || found == nil {
		return err
	}
	if err := q.publishAll(ctx, found); err != nil {
		q.troubles.Store(lane, &trouble{time.Now(), err})
		return err
	}
	return q.options.Log.Commit(found)
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
