package spool

import (
	"context"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/cenkalti/backoff/v5"

	"integr8/pipeline/failure"
)

// The most that is published at once: a few full AMQP messages.
const (
	drainRecords = 512
	drainBytes   = 1 << 20
)

const (
	// retryEvery is how often a drain that waits for the broker checks it again.
	retryEvery = 100 * time.Millisecond
	// maxReadyWait bounds how long a lane waits for a second without a failed hit: a
	// broker that fails some hits for ever must not stop the drain for ever.
	maxReadyWait = 5 * time.Second
	// A full queue may accept a part of a batch, and then the whole batch is published
	// again. So after a failure the batches of a lane shrink to an eighth, down to
	// single hits, and after growAfter successful batches they grow eightfold.
	shrinkBy  = 8
	growAfter = 16
)

// Run drains the Log, oldest first, whenever the broker accepts hits, until ctx
// ends; then it returns nil, and the rest stays on disk. It is called once.
//
// Hits in different AMQP messages may be reordered, like hits that arrive at the same
// time; handlers accept any order. A topic does not wait for another whose queue is
// full.
//
// Arriving hits come first. One batch is outstanding at a time; if hits arrived
// meanwhile, Run pauses for as long as the batch took; and it waits while the broker
// fails arriving hits of the same topic.
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
			pause(ctx, retryEvery)
		}
	}
	return nil
}

// laneDrain is the state of the drain of one lane.
type laneDrain struct {
	queue *Queue
	lane  string
	limit int // records in a batch
	good  int // successful batches in a row
	// after is when the next batch may be tried. since is when this lane began to wait
	// for a connected broker to be ready, see maxReadyWait.
	after, since time.Time
	retry        *backoff.ExponentialBackOff
	reported     string
}

func newLaneDrain(q *Queue, lane string) *laneDrain {
	return &laneDrain{queue: q, lane: lane, limit: drainRecords, retry: &backoff.ExponentialBackOff{
		InitialInterval: retryEvery, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 5 * time.Second,
	}}
}

// step publishes the oldest batch, if it is due. It reports whether there was progress.
func (d *laneDrain) step(ctx context.Context) bool {
	if ctx.Err() != nil || !d.brokerReady() || time.Now().Before(d.after) {
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

// brokerReady reports whether the broker is connected and has failed no hit of this
// topic for failureMemory, or has failed them for longer than maxReadyWait.
func (d *laneDrain) brokerReady() bool {
	if d.queue.options.Broker.Err() != nil {
		d.since = time.Time{}
		return false
	}
	if d.since.IsZero() {
		d.since = time.Now()
	}
	return d.queue.recentFailure(d.lane) == nil || time.Since(d.since) > maxReadyWait
}

// drainOne publishes the oldest batch of a lane.
func (q *Queue) drainOne(ctx context.Context, lane string, limit int) error {
	found, err := q.options.Log.Read(lane, limit, drainBytes)
	if err != nil || found == nil {
		return err
	}
	if err := q.publishAll(ctx, found); err != nil {
		q.failures.Store(lane, &publishFailure{time.Now(), err})
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
			q.keepUnsent(found, err)
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

// publishEach publishes one by one, so that a hit that can never be sent does not stop
// the others.
func (q *Queue) publishEach(found *Batch, topic string, messages []*message.Message) error {
	for _, msg := range messages {
		err := q.options.Broker.Publish(topic, msg)
		if failure.Of(err) == failure.Permanent {
			q.keepUnsent(found, fmt.Errorf("hit %s: %w", msg.UUID, err))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// keepUnsent marks the file of a record that can never be published as one to keep.
func (q *Queue) keepUnsent(found *Batch, err error) {
	found.Unsent()
	q.options.Logger.Error("a spooled hit cannot be published; its file is kept", "error", err)
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
