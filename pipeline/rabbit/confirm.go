package rabbit

import (
	"errors"
	"fmt"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// confirmChannel publishes one message at a time and waits for the broker's
// verdict on it. With a single message outstanding, a return always belongs
// to the confirm that follows it, and it is in the buffered channel before
// the confirm is handled.
type confirmChannel struct {
	session *session
	channel *amqp.Channel
	returns chan amqp.Return
	closes  chan *amqp.Error
	timer   *time.Timer
	opened  time.Time
	// body is where a batch is put together; the bytes are on the network
	// when a publish returns, so that it can be used again.
	body []byte
}

func openConfirmChannel(session *session, timeout time.Duration) (*confirmChannel, error) {
	channel, err := session.channel(timeout)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	c := &confirmChannel{
		session: session,
		channel: channel,
		returns: channel.NotifyReturn(make(chan amqp.Return, 1)),
		closes:  channel.NotifyClose(make(chan *amqp.Error, 1)),
		timer:   time.NewTimer(timeout),
		opened:  time.Now(),
	}
	if err := session.bounded(timeout, func() error { return channel.Confirm(false) }); err != nil {
		return nil, fmt.Errorf("%w: turn on confirms: %w", ErrUnavailable, err)
	}
	return c, nil
}

// publish returns nil when a queue holds the message durably. Only after nil,
// ErrUnroutable and ErrRefused may the channel be used again, see reusable.
func (c *confirmChannel) publish(to destination, publishing amqp.Publishing, timeout time.Duration) error {
	const mandatory, immediate = true, false
	confirm, err := c.channel.PublishWithDeferredConfirm(to.exchange, to.key, mandatory, immediate, publishing)
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
		if c.channel.IsClosed() {
			return c.failed(amqp.ErrClosed)
		}
		return ErrRefused
	}
	select {
	case returned := <-c.returns:
		return fmt.Errorf("%w (%d %s)", ErrUnroutable, returned.ReplyCode, returned.ReplyText)
	default:
		return nil
	}
}

// failed is why a publish failed whose channel is closed, or did not take it.
func (c *confirmChannel) failed(err error) error {
	select {
	case reason := <-c.closes:
		if reason != nil {
			return closedOver(reason)
		}
	default:
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// closedOver classifies the reason that the broker gave for closing a channel.
// For a publish, PRECONDITION_FAILED means a message above the broker's
// max_message_size, which no later attempt makes smaller.
func closedOver(reason *amqp.Error) error {
	switch reason.Code {
	case amqp.NotFound:
		return fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrUnroutable, reason)
	case amqp.PreconditionFailed:
		return fmt.Errorf("%w: %w", ErrUnsendable, reason)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, reason)
}

// refusalPatience is how old a channel that is refused a message must be to be
// given up. RabbitMQ 3.10 fixes for a channel, when it first publishes to a
// queue, which node leads that queue; a channel opened in the moment in which
// that node was lost is refused everything until the node is back. A younger
// one is kept, so that a queue which is full costs at most a new channel a
// second.
const refusalPatience = time.Second

// reusable reports whether the channel is still in step with the broker after
// the given outcome, and has not to be replaced for another reason.
func (c *confirmChannel) reusable(outcome error) bool {
	if errors.Is(outcome, ErrRefused) {
		return time.Since(c.opened) < refusalPatience
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
		if c.session == session && !c.channel.IsClosed() {
			p.mu.Unlock()
			return c, nil
		}
	}
	p.mu.Unlock()
	return openConfirmChannel(session, p.timeout)
}

// put takes a channel back after the given outcome of its last publish.
func (p *confirmPool) put(c *confirmChannel, outcome error) {
	if c.reusable(outcome) {
		p.mu.Lock()
		p.idle = append(p.idle, c)
		p.mu.Unlock()
		return
	}
	switch {
	case c.channel.IsClosed():
	case errors.Is(outcome, ErrRefused): // the broker answers, and is not suspect
		p.discarded.Go(func() { _ = c.session.bounded(closeTimeout, c.channel.Close) })
	default:
		p.discarded.Go(func() { c.session.discard(c.channel) })
	}
}
