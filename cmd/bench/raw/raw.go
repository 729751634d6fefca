// Package raw measures the broker alone: confirmed publishes into one quorum queue and
// acknowledged deliveries out of it, one message after the other, with RabbitMQ's Go
// client and nothing else.
package raw

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/errgroup"

	"integr8/cmd/bench/load"
)

const (
	messageBytes = 500
	// channels is how many channels publish in parallel.
	channels = 8
	// prefetch is how many messages the consumer prefetches. It acks ackEvery of them
	// with one frame.
	prefetch, ackEvery = 4000, 500
	// Backlog bounds the messages in the queue: a rate at which more come in than go out
	// is not sustained.
	Backlog = 10_000
)

// Options describe what to send.
type Options struct {
	URL string
	// Queue is declared for the run and deleted after it.
	Queue string
	// Unconfirmed is how many messages of one channel may be unconfirmed at a time.
	Unconfirmed      int
	Warmup, Duration time.Duration
	// Begin is called before the first message with the time that counts. It may be nil.
	Begin func(from, to time.Time)
}

// Result is the result of a run. Its counts are those between From and To.
type Result struct {
	From, To            time.Time
	Confirmed, Consumed int
	// Confirm is the time from publish to confirm, Through that from publish to
	// delivery, in microseconds.
	Confirm, Through *hdrhistogram.Histogram
}

// run is one Run.
type run struct {
	options  Options
	from, to time.Time
	room     chan struct{} // a place for each message between publish and ack
	ended    chan struct{} // closed when publishing has ended

	mu     sync.Mutex
	result Result
}

// Run sends messages for the time in options, and drains the queue.
func Run(ctx context.Context, options Options) (result *Result, err error) {
	in, err := amqp.Dial(options.URL)
	if err != nil {
		return nil, fmt.Errorf("connect to publish: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := amqp.Dial(options.URL)
	if err != nil {
		return nil, fmt.Errorf("connect to consume: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	cut := context.AfterFunc(ctx, func() { _ = errors.Join(in.Close(), out.Close()) })
	defer cut()

	consumer, err := declare(out, options.Queue)
	if err != nil {
		return nil, err
	}
	r := &run{options: options, room: make(chan struct{}, Backlog), ended: make(chan struct{})}
	r.from = time.Now().Add(options.Warmup)
	r.to = r.from.Add(options.Duration)
	r.result = Result{From: r.from, To: r.to, Confirm: load.NewHistogram(), Through: load.NewHistogram()}

	if options.Begin != nil {
		options.Begin(r.from, r.to)
	}
	if err := r.move(ctx, in, consumer); err != nil {
		return nil, err
	}
	if _, err := consumer.QueueDelete(options.Queue, false, false, false); err != nil {
		return nil, fmt.Errorf("delete queue %s: %w", options.Queue, err)
	}
	return &r.result, nil
}

// move publishes and consumes until all published messages have come.
func (r *run) move(ctx context.Context, in *amqp.Connection, consumer *amqp.Channel) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.consume(ctx, consumer) })
	var publishing sync.WaitGroup
	publishing.Add(channels)
	for range channels {
		group.Go(func() error {
			defer publishing.Done()
			return r.publish(ctx, in)
		})
	}
	group.Go(func() error {
		publishing.Wait()
		close(r.ended)
		return nil
	})
	return group.Wait()
}

func declare(connection *amqp.Connection, queue string) (*amqp.Channel, error) {
	channel, err := connection.Channel()
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	if _, err := channel.QueueDelete(queue, false, false, false); err != nil {
		return nil, fmt.Errorf("delete queue %s: %w", queue, err)
	}
	_, err = channel.QueueDeclare(queue, true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
	if err != nil {
		return nil, fmt.Errorf("declare queue %s: %w", queue, err)
	}
	return channel, nil
}

// publish publishes on its own channel until the time is over, and waits for all
// confirms.
func (r *run) publish(ctx context.Context, connection *amqp.Connection) error {
	channel, err := connection.Channel()
	if err != nil {
		return fmt.Errorf("open a channel: %w", err)
	}
	if err := channel.Confirm(false); err != nil {
		return fmt.Errorf("turn on confirms: %w", err)
	}
	confirms := channel.NotifyPublish(make(chan amqp.Confirmation, r.options.Unconfirmed))
	window := make(chan time.Time, r.options.Unconfirmed) // when each unconfirmed message was sent, oldest first
	confirmed := make(chan error, 1)
	go func() { confirmed <- r.confirm(confirms, window) }()

	body := make([]byte, messageBytes)
	for time.Now().Before(r.to) && err == nil {
		select {
		case r.room <- struct{}{}:
		case <-ctx.Done():
			err = context.Cause(ctx)
			continue
		}
		now := time.Now()
		window <- now
		binary.BigEndian.PutUint64(body, uint64(now.UnixNano()))
		err = channel.Publish("", r.options.Queue, false, false, amqp.Publishing{DeliveryMode: amqp.Persistent, Body: body})
	}
	close(window)
	if err != nil {
		_ = channel.Close() // ends the confirms, if it is not closed already
	}
	return errors.Join(err, <-confirmed)
}

// confirm counts the confirms of one channel, which come in order.
func (r *run) confirm(confirms <-chan amqp.Confirmation, window <-chan time.Time) error {
	took := load.NewHistogram()
	n := 0
	for sent := range window {
		confirm, open := <-confirms
		if !open || !confirm.Ack {
			for range window { // lets the publisher go on to its own error
			}
			return errors.New("a message was not confirmed")
		}
		now := time.Now()
		if r.counts(now) {
			n++
			_ = took.RecordValue(now.Sub(sent).Microseconds())
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Confirmed += n
	r.result.Confirm.Merge(took)
	return nil
}

func (r *run) counts(now time.Time) bool { return !now.Before(r.from) && now.Before(r.to) }

// consume takes and acks messages until all published messages have come.
func (r *run) consume(ctx context.Context, channel *amqp.Channel) error {
	if err := channel.Qos(prefetch, 0, false); err != nil {
		return fmt.Errorf("set the prefetch: %w", err)
	}
	deliveries, err := channel.Consume(r.options.Queue, "raw", false, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	unacked := 0
	for ended := r.ended; ended != nil || len(r.room) > 0; {
		select {
		case delivery, open := <-deliveries:
			if !open {
				return errors.New("the consumer was ended")
			}
			unacked++
			r.received(&delivery)
			if unacked == ackEvery || len(deliveries) == 0 {
				if err := r.ack(&delivery, unacked); err != nil {
					return err
				}
				unacked = 0
			}
		case <-ended:
			ended = nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (r *run) received(delivery *amqp.Delivery) {
	now := time.Now()
	if !r.counts(now) {
		return
	}
	sent := time.Unix(0, int64(binary.BigEndian.Uint64(delivery.Body)))
	r.result.Consumed++ // read only once the consumer has ended
	_ = r.result.Through.RecordValue(now.Sub(sent).Microseconds())
}

// ack acks a delivery and those before it.
func (r *run) ack(delivery *amqp.Delivery, n int) error {
	if err := delivery.Ack(true); err != nil {
		return fmt.Errorf("ack: %w", err)
	}
	for range n {
		<-r.room
	}
	return nil
}
