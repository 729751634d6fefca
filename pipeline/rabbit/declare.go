package rabbit

import (
	"context"
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// adminTimeout bounds all work on the topology in one call of administer. To make a
// quorum queue on a busy cluster can take seconds.
const adminTimeout = 30 * time.Second

// Declare makes the exchanges and queues that are missing. It is idempotent. It does
// not change a queue that exists with other arguments; the error names that queue and
// says what to do.
func (t Topology) Declare(ctx context.Context, url string) error {
	return administer(ctx, url, "declare the topology", func(ch *amqp.Channel) error {
		if err := ch.ExchangeDeclare(t.hits(), amqp.ExchangeDirect, true, false, false, false, nil); err != nil {
			return fmt.Errorf("declare exchange %s: %w", t.hits(), err)
		}
		for _, spec := range t.specs() {
			if err := spec.declare(ch, t.hits()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s queueSpec) declare(ch *amqp.Channel, hits string) error {
	if s.exchange != hits {
		if err := ch.ExchangeDeclare(s.exchange, amqp.ExchangeFanout, true, false, false, false, nil); err != nil {
			return fmt.Errorf("declare exchange %s: %w", s.exchange, err)
		}
	}
	if _, err := ch.QueueDeclare(s.name, true, false, false, false, s.arguments); err != nil {
		if hasCode(err, amqp.PreconditionFailed) {
			return fmt.Errorf("queue %s exists with other arguments; stop what publishes to it, let it drain, "+
				"delete it with `rabbitmqctl delete_queue %s` and declare again, or go back to the settings it was made with: %w",
				s.name, s.name, err)
		}
		return fmt.Errorf("declare queue %s: %w", s.name, err)
	}
	if err := ch.QueueBind(s.name, s.key, s.exchange, false, nil); err != nil {
		return fmt.Errorf("bind queue %s to exchange %s: %w", s.name, s.exchange, err)
	}
	return nil
}

// Ping returns an error when the broker does not respond, even if it accepts
// connections.
func Ping(ctx context.Context, url string) error {
	return administer(ctx, url, "check that the broker responds", func(*amqp.Channel) error { return nil })
}

// Check returns an error when an exchange or a queue is missing. It changes
// nothing and does not compare arguments.
func (t Topology) Check(ctx context.Context, url string) error {
	return administer(ctx, url, "check the topology", func(ch *amqp.Channel) error {
		if err := ch.ExchangeDeclarePassive(t.hits(), amqp.ExchangeDirect, true, false, false, false, nil); err != nil {
			return missing("exchange", t.hits(), err)
		}
		for _, spec := range t.specs() {
			if spec.exchange != t.hits() {
				if err := ch.ExchangeDeclarePassive(spec.exchange, amqp.ExchangeFanout, true, false, false, false, nil); err != nil {
					return missing("exchange", spec.exchange, err)
				}
			}
			if _, err := ch.QueueDeclarePassive(spec.name, true, false, false, false, nil); err != nil {
				return missing("queue", spec.name, err)
			}
		}
		return nil
	})
}

// Delete removes every queue, with what is in it, and every exchange. It is
// meant for tests and for taking a system down.
func (t Topology) Delete(ctx context.Context, url string) error {
	return administer(ctx, url, "delete the topology", func(ch *amqp.Channel) error {
		for _, spec := range t.specs() {
			if _, err := ch.QueueDelete(spec.name, false, false, false); err != nil {
				return fmt.Errorf("delete queue %s: %w", spec.name, err)
			}
			if spec.exchange == t.hits() {
				continue
			}
			if err := ch.ExchangeDelete(spec.exchange, false, false); err != nil {
				return fmt.Errorf("delete exchange %s: %w", spec.exchange, err)
			}
		}
		for _, exchange := range []string{t.statuses(), t.hits()} {
			if err := ch.ExchangeDelete(exchange, false, false); err != nil {
				return fmt.Errorf("delete exchange %s: %w", exchange, err)
			}
		}
		return nil
	})
}

// administer opens a connection, runs work on a channel of it, and closes it. When ctx
// ends or adminTimeout is over, it cuts the connection, so that work returns even when
// the broker does not respond.
func administer(ctx context.Context, url, what string, work func(*amqp.Channel) error) error {
	return administerOn(ctx, url, what, func(_ *session, ch *amqp.Channel) error { return work(ch) })
}

// administerOn is administer for work that opens more channels.
func administerOn(ctx context.Context, url, what string, work func(*session, *amqp.Channel) error) error {
	addresses, err := parseAddresses(url)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	ctx, cancel := context.WithTimeout(ctx, adminTimeout)
	defer cancel()
	session, err := dialAny(ctx, addresses, "integr8 topology", adminTimeout)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", what, ErrUnavailable, err)
	}
	defer session.close()
	defer context.AfterFunc(ctx, session.cut)()

	channel, err := session.conn.Channel()
	if err == nil {
		err = work(session, channel)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = errors.Join(context.Cause(ctx), err)
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func missing(what, name string, err error) error {
	if hasCode(err, amqp.NotFound) {
		return fmt.Errorf("%s %s is missing: run `integr8 topology`: %w", what, name, err)
	}
	return fmt.Errorf("look for %s %s: %w", what, name, err)
}

// IsMissing reports whether an error is that a queue or an exchange does not exist.
func IsMissing(err error) bool { return hasCode(err, amqp.NotFound) }

func hasCode(err error, code int) bool {
	var amqpErr *amqp.Error
	return errors.As(err, &amqpErr) && amqpErr.Code == code
}
