package rabbit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Deviation is a difference between the topology and what the broker has.
type Deviation struct {
	// Cause is one line that deviations of the same kind share.
	Cause string
	// Object is the queue, the exchange or the binding.
	Object string
	// Detail is what the object has and what it should have; it may be empty.
	Detail string
	// Loses is set where accepted hits can be lost or stay for ever.
	Loses bool
}

// Compare looks at the arguments of every queue and at the type of every
// exchange. It needs no management API: it declares each anew, and the broker
// refuses an argument that differs. What is missing is passed over, see Check.
// It changes nothing.
func (t Topology) Compare(ctx context.Context, url string) ([]Deviation, error) {
	var found []Deviation
	err := administerOn(ctx, url, "compare the topology", func(session *session, _ *amqp.Channel) error {
		var err error
		found, err = compareExchange(session, t.hits(), amqp.ExchangeDirect)
		if err != nil {
			return err
		}
		for _, spec := range t.specs() {
			deviations, err := spec.compare(session)
			if err != nil {
				return err
			}
			found = append(found, deviations...)
			if spec.exchange == t.hits() {
				continue
			}
			if deviations, err = compareExchange(session, spec.exchange, amqp.ExchangeFanout); err != nil {
				return err
			}
			found = append(found, deviations...)
		}
		return nil
	})
	return found, err
}

// mostArguments bounds the arguments of one queue that are compared.
const mostArguments = 16

// compare declares the queue again and again, each time with the value that the
// broker says it has, because it names one argument at a time.
func (s queueSpec) compare(session *session) ([]Deviation, error) {
	arguments := maps.Clone(s.arguments)
	var found []Deviation
	for range mostArguments {
		difference, err := declaredOtherwise(session, func(ch *amqp.Channel) error {
			if _, err := ch.QueueDeclarePassive(s.name, true, false, false, false, nil); err != nil {
				return err
			}
			_, err := ch.QueueDeclare(s.name, true, false, false, false, arguments)
			return err
		})
		if err != nil {
			return found, fmt.Errorf("compare queue %s: %w", s.name, err)
		}
		if difference == nil {
			return found, nil
		}
		found = append(found, Deviation{
			Cause:  "queues were declared with another " + difference.argument,
			Object: s.name,
			Detail: fmt.Sprintf("%s, and it should be %s", difference.has, written(s.arguments[difference.argument])),
			Loses:  difference.argument != "x-max-length-bytes",
		})
		if !difference.adopt(arguments) {
			return found, nil
		}
	}
	return found, nil
}

func compareExchange(session *session, name, kind string) ([]Deviation, error) {
	difference, err := declaredOtherwise(session, func(ch *amqp.Channel) error {
		if err := ch.ExchangeDeclarePassive(name, kind, true, false, false, false, nil); err != nil {
			return err
		}
		return ch.ExchangeDeclare(name, kind, true, false, false, false, nil)
	})
	if err != nil {
		return nil, fmt.Errorf("compare exchange %s: %w", name, err)
	}
	if difference == nil {
		return nil, nil
	}
	return []Deviation{{
		Cause: "exchanges were declared with another " + difference.argument, Object: name,
		Detail: fmt.Sprintf("%s, and it should be %s", difference.has, kind), Loses: true,
	}}, nil
}

// declaredOtherwise carries out a declaration on a channel of its own, which the
// broker closes when it refuses. It returns nil where the broker agrees, and
// where the object is missing.
func declaredOtherwise(session *session, declare func(*amqp.Channel) error) (*difference, error) {
	channel, err := session.conn.Channel()
	if err != nil {
		return nil, err
	}
	err = declare(channel)
	var refusal *amqp.Error
	switch {
	case err == nil:
		return nil, channel.Close()
	case hasCode(err, amqp.NotFound):
		return nil, nil
	case errors.As(err, &refusal) && refusal.Code == amqp.PreconditionFailed:
		return readDifference(refusal.Reason), nil
	default:
		return nil, err
	}
}

// difference is the argument that a broker refused.
type difference struct {
	argument string
	// has is what the object has, as the broker writes it.
	has string
	// value is has as a declaration takes it, and nil for none; unread is set
	// where it could not be read.
	value  any
	unread bool
}

var (
	inequivalent = regexp.MustCompile(`inequivalent arg '([^']+)'.* but current is (.*)$`)
	quoted       = regexp.MustCompile(`'([^']*)'`)
	digits       = regexp.MustCompile(`^-?[0-9]{1,18}$`)
)

// readDifference reads a refusal such as: inequivalent arg 'x-queue-type' for
// queue 'clicks' in vhost '/': received 'quorum' but current is 'classic'.
func readDifference(reason string) *difference {
	parts := inequivalent.FindStringSubmatch(reason)
	if parts == nil {
		return &difference{argument: "form", has: reason, unread: true}
	}
	found := &difference{argument: parts[1], has: "none"}
	value := quoted.FindStringSubmatch(parts[2])
	switch {
	case value == nil:
	case digits.MatchString(value[1]):
		var number int64
		_, err := fmt.Sscan(value[1], &number)
		found.has, found.value, found.unread = value[1], number, err != nil
	default:
		found.has, found.value = value[1], value[1]
	}
	return found
}

// adopt puts what the object has into the arguments, so that the next
// declaration shows the next difference. False means that it would show the same.
func (d *difference) adopt(arguments amqp.Table) bool {
	before, had := arguments[d.argument]
	switch {
	case d.unread, d.value == nil && !had, had && before == d.value:
		return false
	case d.value == nil:
		delete(arguments, d.argument)
	default:
		arguments[d.argument] = d.value
	}
	return true
}

func written(value any) string {
	if value == nil {
		return "none"
	}
	return fmt.Sprint(value)
}
