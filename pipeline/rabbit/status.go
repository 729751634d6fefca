package rabbit

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/errgroup"
)

// A status is a process's report about its work, in a format that this package does not
// interpret. Requests for it go through the broker: there they reach all processes that
// work on the same queues, also while the database is down. Each process has an
// exclusive queue, bound to a fanout exchange and deleted with its connection.

// statuses returns the name of the exchange for status requests.
func (t Topology) statuses() string { return t.Prefix + "status" }

func (t Topology) declareStatuses(ch *amqp.Channel) error {
	if err := ch.ExchangeDeclare(t.statuses(), amqp.ExchangeFanout, true, false, false, false, nil); err != nil {
		return fmt.Errorf("declare exchange %s: %w", t.statuses(), err)
	}
	return nil
}

// statusTTL is how long a status request, and the reply to it, may wait in a queue.
const statusTTL = "10000" // milliseconds

// maxStatuses is how many requests a process handles at once: each may use a
// connection to the database.
const maxStatuses = 4

// StatusOptions set up ServeStatus.
type StatusOptions struct {
	// URL lists the brokers, comma-separated; needed.
	URL string
	// Logger logs, at level debug, why the process cannot receive requests. Default
	// slog.Default.
	Logger *slog.Logger
}

// ServeStatus sends the status of this process to each caller of Survey, until ctx
// ends. status may query the database, and is called by several goroutines at once. The
// error is that of a malformed URL.
//
// It has its own connection. The reply-to address comes from the caller's request, and
// RabbitMQ 3.10 closes the connection that publishes to a malformed one
// (amq.rabbitmq.reply-to.x.y): the hits of a Publisher on the same connection would
// have to wait for a reconnect.
func (t Topology) ServeStatus(ctx context.Context, options StatusOptions, status func(context.Context) []byte) error {
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	// The Publisher and the Subscriber of the process log a lost broker already.
	connector, err := newConnector(options.URL, "integr8 status", responseTimeout, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer connector.close()
	pause := newBackoff()
	reported := ""
	for {
		session, err := connector.wait(ctx)
		if err != nil {
			return nil
		}
		since := time.Now()
		err = t.serveStatus(ctx, session, status)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(since) > stableAfter {
			pause.Reset()
			reported = ""
		}
		if text := fmt.Sprint(err); text != reported {
			reported = text
			options.Logger.Debug("the status of this process cannot be asked for, trying again", "error", text)
		}
		if !wait(ctx, pause.NextBackOff()) {
			return nil
		}
	}
}

func (t Topology) serveStatus(ctx context.Context, session *session, status func(context.Context) []byte) error {
	channel, err := session.channel(responseTimeout)
	if err != nil {
		return err
	}
	defer channel.discard()
	var requests <-chan amqp.Delivery
	err = session.bounded(responseTimeout, func() error {
		if err := t.declareStatuses(channel.Channel); err != nil {
			return err
		}
		const durable, autoDelete, exclusive, noWait, autoAck, noLocal = false, true, true, false, true, false
		queue, err := channel.QueueDeclare("", durable, autoDelete, exclusive, noWait, nil)
		if err != nil {
			return fmt.Errorf("declare a queue for status requests: %w", err)
		}
		if err := channel.QueueBind(queue.Name, "", t.statuses(), noWait, nil); err != nil {
			return fmt.Errorf("bind a queue for status requests: %w", err)
		}
		requests, err = channel.ConsumeWithContext(ctx, queue.Name, "", autoAck, exclusive, noLocal, noWait, nil)
		return err
	})
	if err != nil {
		return err
	}
	var replies errgroup.Group
	replies.SetLimit(maxStatuses)
	defer func() { _ = replies.Wait() }() // a reply may fail: Survey does without it after surveyTimeout
	for request := range requests {
		replies.Go(func() error {
			return channel.PublishWithContext(ctx, "", request.ReplyTo, false, false, amqp.Publishing{
				CorrelationId: request.CorrelationId, Expiration: statusTTL, Body: status(ctx)})
		})
	}
	select {
	case <-channel.Done():
		return channel.Err()
	case <-ctx.Done(): // it ends the consumer, but not the channel
		return context.Cause(ctx)
	}
}
