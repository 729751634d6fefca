package rabbit

import (
	"context"
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/errgroup"
)

// A status is what a process says about its work, in a form that is its own. A
// process with a Publisher is asked for it through the broker, where those are found
// that work on the same queues, and also while the database is away: each has a
// queue of its own, which goes with its connection, behind a fanout exchange.

// statuses is the exchange on which processes are asked for their status.
func (t Topology) statuses() string { return t.Prefix + "status" }

func (t Topology) declareStatuses(ch *amqp.Channel) error {
	if err := ch.ExchangeDeclare(t.statuses(), amqp.ExchangeFanout, true, false, false, false, nil); err != nil {
		return fmt.Errorf("declare exchange %s: %w", t.statuses(), err)
	}
	return nil
}

// statusLife is how long a question and its answer are of use.
const statusLife = "10000" // milliseconds

// mostStatuses is how many questions a process looks into at once: each may take a
// connection to the database.
const mostStatuses = 4

// ServeStatus sends the status of this process to whoever calls Survey, until ctx
// ends. status may take a moment, and is called by several goroutines at once.
func (p *Publisher) ServeStatus(ctx context.Context, status func(context.Context) []byte) {
	pause := newPause()
	reported := ""
	for {
		session, err := p.link.wait(ctx)
		if err != nil {
			return
		}
		since := time.Now()
		err = p.serveStatus(ctx, session, status)
		if ctx.Err() != nil {
			return
		}
		if time.Since(since) > settled {
			pause.Reset()
			reported = ""
		}
		if text := fmt.Sprint(err); text != reported {
			reported = text
			p.options.Logger.Debug("the status of this process cannot be asked for, trying again", "error", text)
		}
		if !wait(ctx, pause.NextBackOff()) {
			return
		}
	}
}

func (p *Publisher) serveStatus(ctx context.Context, session *session, status func(context.Context) []byte) error {
	channel, err := session.channel(answerTimeout)
	if err != nil {
		return err
	}
	defer session.discard(channel)
	closes := channel.NotifyClose(make(chan *amqp.Error, 1))
	var questions <-chan amqp.Delivery
	err = session.bounded(answerTimeout, func() error {
		if err := p.options.Topology.declareStatuses(channel); err != nil {
			return err
		}
		const durable, autoDelete, exclusive, noWait, autoAck, noLocal = false, true, true, false, true, false
		queue, err := channel.QueueDeclare("", durable, autoDelete, exclusive, noWait, nil)
		if err != nil {
			return fmt.Errorf("declare a queue for questions: %w", err)
		}
		if err := channel.QueueBind(queue.Name, "", p.options.Topology.statuses(), noWait, nil); err != nil {
			return fmt.Errorf("bind a queue for questions: %w", err)
		}
		questions, err = channel.ConsumeWithContext(ctx, queue.Name, "", autoAck, exclusive, noLocal, noWait, nil)
		return err
	})
	if err != nil {
		return err
	}
	var answering errgroup.Group
	answering.SetLimit(mostStatuses)
	defer func() { _ = answering.Wait() }() // whoever asked waits no longer than a moment
	for question := range questions {
		answering.Go(func() error {
			return channel.PublishWithContext(ctx, "", question.ReplyTo, false, false, amqp.Publishing{
				CorrelationId: question.CorrelationId, Expiration: statusLife, Body: status(ctx)})
		})
	}
	select {
	case err := <-closes:
		return closedBecause(err)
	default:
		return errors.New("the broker ended the consumer of questions")
	}
}

// Survey is what the broker knows of the queues, and what processes say.
type Survey struct {
	// Depths is that of every queue, in the order of the topology.
	Depths []Depth
	// Statuses is what the processes have sent that were reached.
	Statuses [][]byte
	// Unasked is why no process could be asked; else nil.
	Unasked error
}

const (
	// surveyPatience is how long a process may take to send its status; it asks the
	// database first.
	surveyPatience = 4 * time.Second
	// surveyQuiet is how long those are waited for that may come besides those that
	// must.
	surveyQuiet = 500 * time.Millisecond
)

// Survey looks at every queue and asks every process. complete reports, by what the
// survey holds so far, whether all processes that must be there have answered.
func (t Topology) Survey(ctx context.Context, url string, complete func(Survey) bool) (Survey, error) {
	var found Survey
	err := administerOn(ctx, url, "look at the queues", func(session *session, ch *amqp.Channel) (err error) {
		if found.Depths, err = t.depths(ch); err != nil {
			return err
		}
		asking, err := session.conn.Channel()
		if err != nil {
			return err
		}
		found.Unasked = t.ask(ctx, asking, &found, complete)
		if blockade := session.blocked.Load(); blockade != nil {
			found.Unasked = fmt.Errorf("%w: %s", ErrBlocked, blockade.reason)
		}
		return ctx.Err()
	})
	return found, err
}

func (t Topology) ask(ctx context.Context, ch *amqp.Channel, found *Survey, complete func(Survey) bool) error {
	if err := t.declareStatuses(ch); err != nil {
		return err
	}
	const replyTo = "amq.rabbitmq.reply-to" // the broker's own way back, which needs no queue
	replies, err := ch.Consume(replyTo, "", true, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("listen for what processes say: %w", err)
	}
	if err := ch.PublishWithContext(ctx, t.statuses(), "", false, false,
		amqp.Publishing{ReplyTo: replyTo, Expiration: statusLife}); err != nil {
		return fmt.Errorf("ask the processes: %w", err)
	}
	over := time.After(surveyPatience)
	quiet := time.NewTimer(surveyQuiet)
	defer quiet.Stop()
	for {
		select {
		case reply, open := <-replies:
			if !open {
				return fmt.Errorf("ask the processes: %w", amqp.ErrClosed)
			}
			found.Statuses = append(found.Statuses, reply.Body)
			quiet.Reset(surveyQuiet)
		case <-quiet.C:
			if complete(*found) {
				return nil
			}
			quiet.Reset(surveyQuiet)
		case <-over:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
