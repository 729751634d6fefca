package rabbit

import (
	"errors"
	"fmt"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// confirmChannel publishes one message at a time and waits for the broker's
// confirm. With a single message outstanding, a return always belongs
// to the confirm that follows it, and it is in the buffered channel before
// the confirm is handled.
type confirmChannel struct {
	*channel
	returns chan amqp.Return
	timer   *time.Timer
	opened  time.Time
	// body is the buffer in which a batch is encoded. It is used again for the next
	// batch, because the bytes are on the network when a publish returns.
	body []byte
}

func openConfirmChannel(session *session, timeout time.Duration) (*confirmChannel, error) {
	channel, err := session.channel(timeout)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	c := &confirmChannel{
		channel: channel,
		returns: channel.NotifyReturn(make(chan amqp.Return, 1)),
		timer:   time.NewTimer(timeout),
		opened:  time.Now(),
	}
	if err := session.bounded(timeout, func() error { return channel.Confirm(false) }); err != nil {
		return nil, fmt.Errorf("%w: turn on confirms: %w", ErrUnavailable, err)
	}
	return c, nil
}

// publish returns nil when a queue holds the message durably. Only after nil,
// ErrUnroutable and ErrNacked may the channel be used again, see reusable.
func (c *confirmChannel) publish(to destination, publishing amqp.Publishing, timeout time.Duration) error {
	const mandatory, immediate = true, false
	confirm, err := c.PublishWithDeferredConfirm(to.exchange, to.key, mandatory, immediate, publishing)
	if err != nil {
		return c.failed(err)
	}
	c.timer.Reset(timeout)
	defer c.timer.Stop()
	select {
	case <-confirm.Done():
	case <-c.timer.C:
		return fmt.Errorf("%w (%s)", ErrUnconfirmed, timeout)
	}
	if !confirm.Acked() {
		// amqp091-go also lets a confirm fail when the channel dies.
		if c.IsClosed() {
			return c.failed(amqp.ErrClosed)
		}
		return ErrNacked
	}
	select {
	case returned := <-c.returns:
		return fmt.Errorf("%w (%d %s)", ErrUnroutable, returned.ReplyCode, returned.ReplyText)
	default:
		return nil
	}
}

// failed returns why a publish failed: the reason for which the channel was closed, or
// err when the channel is open.
func (c *confirmChannel) failed(err error) error {
	if !c.IsClosed() {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	<-c.Done() // follows the close at once
	return closedOver(c.Err())
}

// closedOver classifies the reason for which a channel was closed. For a publish,
// PRECONDITION_FAILED means that the message is larger than the broker's
// max_message_size, so that a retry cannot succeed.
func closedOver(reason error) error {
	switch {
	case hasCode(reason, amqp.NotFound):
		return fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrUnroutable, reason)
	case hasCode(reason, amqp.PreconditionFailed):
		return fmt.Errorf("%w: %w", ErrUnsendable, reason)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, reason)
}

// nackedLife is the age from which a channel is replaced when the broker nacks a
// message on it. When a channel first publishes to a queue, RabbitMQ 3.10 fixes
// which node leads that queue; on a channel that was opened in the moment in which
// that node was lost, it nacks everything until the node is back. A younger channel
// is kept, so that a full queue costs at most one new channel a second.
const nackedLife = time.Second

// reusable reports whether the channel can be used again after a publish with this
// outcome: no response of the broker is missing and, after a nack, the channel is younger
// than nackedLife.
func (c *confirmChannel) reusable(outcome error) bool {
	if errors.Is(outcome, ErrNacked) {
		return time.Since(c.opened) < nackedLife
	}
	return outcome == nil || errors.Is(outcome, ErrUnroutable) && !errors.Is(outcome, ErrUnavailable)
}

// confirmPool keeps the idle channels of the current session.
type confirmPool struct {
	timeout   time.Duration
	discarded sync.WaitGroup

	mu   sync.Mutex
	idle []*confirmChannel
}

func (p *confirmPool) get(session *session) (*confirmChannel, error) {
	p.mu.Lock()
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		c := p.idle[last]
		p.idle[last] = nil
		p.idle = p.idle[:last]
		if c.session == session && !c.IsClosed() {
			p.mu.Unlock()
			return c, nil
		}
	}
	p.mu.Unlock()
	return openConfirmChannel(session, p.timeout)
}

// put keeps a channel for the next publish, or discards it, by the outcome of its last
// one.
func (p *confirmPool) put(c *confirmChannel, outcome error) {
	if c.reusable(outcome) {
		p.mu.Lock()
		p.idle = append(p.idle, c)
		p.mu.Unlock()
		return
	}
	switch {
	case c.IsClosed():
	case errors.Is(outcome, ErrNacked): // no response of the broker is missing
		p.discarded.Go(func() { _ = c.session.bounded(closeTimeout, c.Close) })
	default:
		p.discarded.Go(c.discard)
	}
}
