package rabbit

import (
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// channel is an AMQP channel whose end any number of goroutines can wait for.
type channel struct {
	*amqp.Channel
	session *session
	done    chan struct{}
	cause   error // why it ended; to be read after done is closed
}

// errCancelled is the cause when the broker has cancelled the consumer of a channel.
var errCancelled = errors.New("the broker cancelled the consumer: its queue was deleted or moved")

// channel opens a channel. The connection is cut when the broker does not respond
// within timeout.
func (s *session) channel(timeout time.Duration) (*channel, error) {
	c := &channel{session: s, done: make(chan struct{})}
	err := s.bounded(timeout, func() (err error) {
		c.Channel, err = s.conn.Channel()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	go c.watch(c.NotifyClose(make(chan *amqp.Error, 1)), c.NotifyCancel(make(chan string, 1)))
	return c, nil
}

// watch waits for the end of the channel. Both notifications come at the latest when
// the connection ends.
func (c *channel) watch(closes <-chan *amqp.Error, cancels <-chan string) {
	defer close(c.done)
	select {
	case err := <-closes:
		c.cause = closedBecause(err)
	case _, cancelled := <-cancels:
		c.cause = errCancelled
		if !cancelled { // it was closed
			c.cause = closedBecause(<-closes)
		}
	}
}

func closedBecause(err *amqp.Error) error {
	if err == nil {
		return amqp.ErrClosed
	}
	return err
}

// Done is closed when either side has closed the channel, or when the broker has
// cancelled its consumer. Nothing is delivered on the channel after that.
func (c *channel) Done() <-chan struct{} { return c.done }

// Err returns why the channel is done, or nil while it is not.
func (c *channel) Err() error {
	select {
	case <-c.done:
		return c.cause
	default:
		return nil
	}
}

// discard closes a channel on which a response of the broker may be missing. Until the
// broker confirms the close, session.err returns ErrUnavailable; after closeTimeout
// the connection is cut. While the broker is blocked, discard waits: a blocked broker
// responds to nothing until it has memory and disk again.
func (c *channel) discard() {
	s := c.session
	if blockage := s.blocked.Load(); blockage != nil {
		select {
		case <-blockage.ended:
		case <-s.lost:
			return
		}
	}
	s.overdue.Add(1)
	defer s.overdue.Add(-1)
	_ = s.bounded(closeTimeout, c.Close) // after an error the channel is not used again either
}
