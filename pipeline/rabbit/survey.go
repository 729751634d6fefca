package rabbit

import (
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Survey is the state of the queues and the statuses of the processes that use them.
type Survey struct {
	// Depths has one element for every queue, in the order of the topology.
	Depths []Depth
	// Statuses are the replies of the processes, in the order in which they came.
	Statuses [][]byte
	// Unasked is why no process could be asked, or nil.
	Unasked error
}

const (
	// surveyTimeout bounds the wait for statuses. A process queries the database before
	// it sends its status.
	surveyTimeout = 4 * time.Second
	// surveyPause is the time without a new status after which the survey calls
	// complete.
	surveyPause = 500 * time.Millisecond
)

// Survey reads the depth of every queue and asks every process for its status. It ends
// after 4 s, or when complete returns true. complete is called with the survey so far,
// and reports whether every expected process has sent its status.
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
		if blockage := session.blocked.Load(); blockage != nil {
			found.Unasked = fmt.Errorf("%w: %s", ErrBlocked, blockage.reason)
		}
		return ctx.Err()
	})
	return found, err
}

func (t Topology) ask(ctx context.Context, ch *amqp.Channel, found *Survey, complete func(Survey) bool) error {
	if err := t.declareStatuses(ch); err != nil {
		return err
	}
	const replyTo = "amq.rabbitmq.reply-to" // the broker's direct reply-to, which needs no queue
	replies, err := ch.Consume(replyTo, "", true, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("consume the statuses: %w", err)
	}
	if err := ch.PublishWithContext(ctx, t.statuses(), "", false, false,
		amqp.Publishing{ReplyTo: replyTo, Expiration: statusTTL}); err != nil {
		return fmt.Errorf("ask the processes: %w", err)
	}
	over := time.After(surveyTimeout)
	pause := time.NewTimer(surveyPause)
	defer pause.Stop()
	for {
		select {
		case reply, open := <-replies:
			if !open {
				return fmt.Errorf("ask the processes: %w", amqp.ErrClosed)
			}
			found.Statuses = append(found.Statuses, reply.Body)
			pause.Reset(surveyPause)
		case <-pause.C:
			if complete(*found) {
				return nil
			}
			pause.Reset(surveyPause)
		case <-over:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
