package system

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/cmd/chaos/cluster"

	amqp "github.com/rabbitmq/amqp091-go"
)

// queues reads from the program which queues it declared. The exchanges are hits and
// one for each retry queue, with the same name.
func (s *System) queues(ctx context.Context) error {
	var answer struct {
		Queues []string `json:"queues"`
	}
	if err := s.ask(ctx, &answer, "topology"); err != nil {
		return err
	}
	if len(answer.Queues) == 0 {
		return errors.New("integr8 topology names no queues")
	}
	s.queueNames = answer.Queues
	return nil
}

// brokerTimeout bounds a request to the broker. Right after a crash the broker may need
// a while for its queues.
const brokerTimeout = 30 * time.Second

// onChannel does work on an AMQP channel of its own, directly at the broker.
func (s *System) onChannel(ctx context.Context, work func(*amqp.Channel) error) error {
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	conn, err := dialAny(s.options.Servers.AMQPURL)
	if err != nil {
		return fmt.Errorf("reach the broker: %w", err)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.CloseDeadline(time.Now()) })()
	channel, err := conn.Channel()
	if err == nil {
		err = work(channel)
	}
	if errors.Is(err, amqp.ErrClosed) && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return errors.Join(err, ignoreClosed(conn.Close()))
}

// dialAny connects to the first of several nodes that responds.
func dialAny(addresses string) (*amqp.Connection, error) {
	var errs []error
	for address := range strings.SplitSeq(addresses, ",") {
		conn, err := amqp.DialConfig(address, amqp.Config{Dial: amqp.DefaultDial(5 * time.Second), Heartbeat: 10 * time.Second})
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// Leader returns the number of the node that leads one of the drill's queues.
func (s *System) Leader(ctx context.Context, queue string) (int, error) {
	return cluster.Leader(ctx, s.options.Servers.Stack, s.prefix+queue)
}

func ignoreClosed(err error) error {
	if errors.Is(err, amqp.ErrClosed) {
		return nil
	}
	return err
}

// depths returns how many messages each queue holds that are not being delivered to a
// consumer.
func (s *System) depths(ctx context.Context) (map[string]int, error) {
	depths := map[string]int{}
	err := s.onChannel(ctx, func(channel *amqp.Channel) error {
		for _, name := range s.queueNames {
			queue, err := channel.QueueDeclarePassive(name, true, false, false, false, nil)
			if err != nil {
				return fmt.Errorf("look at queue %s: %w", name, err)
			}
			depths[name] = queue.Messages
		}
		return nil
	})
	return depths, err
}

// DeleteQueue deletes a queue, named without the prefix, with all its messages.
func (s *System) DeleteQueue(ctx context.Context, name string) error {
	return s.onChannel(ctx, func(channel *amqp.Channel) error {
		if _, err := channel.QueueDelete(s.prefix+name, false, false, false); err != nil {
			return fmt.Errorf("delete queue %s: %w", name, err)
		}
		return nil
	})
}

// removeQueues deletes every queue and exchange of the drill.
func (s *System) removeQueues(ctx context.Context) error {
	return s.onChannel(ctx, func(channel *amqp.Channel) error {
		for _, name := range s.queueNames {
			if _, err := channel.QueueDelete(name, false, false, false); err != nil {
				return fmt.Errorf("delete queue %s: %w", name, err)
			}
			if !strings.HasPrefix(name, s.prefix+"retry.") {
				continue
			}
			if err := channel.ExchangeDelete(name, false, false); err != nil {
				return fmt.Errorf("delete exchange %s: %w", name, err)
			}
		}
		if err := channel.ExchangeDelete(s.prefix+"hits", false, false); err != nil {
			return fmt.Errorf("delete exchange hits: %w", err)
		}
		return nil
	})
}
