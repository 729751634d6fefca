package rabbit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Deviation is a difference between the topology and the objects on the broker.
type Deviation struct {
	// Cause is one line that deviations of the same kind share.
	Cause string
	// Object is the queue, the exchange or the binding.
	Object string
	// Detail is what the object has and what it should have; it may be empty.
	Detail string
	// Loses is set when accepted hits can be lost, or can stay on the broker for ever.
	Loses bool
}

// Compare compares the arguments of every queue and the type of every exchange. It
// needs no management API: it declares each object again, and the broker refuses an
// argument that differs. Compare skips missing objects, which Check reports. It
// changes nothing on the broker.
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

// maxArguments bounds the arguments of one queue that are compared.
const maxArguments = 16

// compare declares the queue repeatedly. The broker names one argument that differs at
// a time; the next declaration contains the broker's value for it. All differences of
// a queue are one Deviation, because one declaration caused them.
func (s queueSpec) compare(session *session) ([]Deviation, error) {
	arguments := maps.Clone(s.arguments)
	var differences []string
	loses := false
	for range maxArguments {
		difference, err := declaredOtherwise(session, func(ch *amqp.Channel) error {
			if _, err := ch.QueueDeclarePassive(s.name, true, false, false, false, nil); err != nil {
				return err
			}
			_, err := ch.QueueDeclare(s.name, true, false, false, false, arguments)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("compare queue %s: %w", s.name, err)
		}
		if difference == nil {
			break
		}
		differences = append(differences,
			fmt.Sprintf("%s is %s, and should be %s", difference.argument, difference.has, textOf(s.arguments[difference.argument])))
		loses = loses || difference.argument != maxLengthBytes
		if !difference.adopt(arguments) {
			break
		}
	}
	if len(differences) == 0 {
		return nil, nil
	}
	cause := "queues have another size than INTEGR8_QUEUE_MAX_BYTES says"
	if loses {
		cause = RedeclaredQueues
	}
	return []Deviation{{Cause: cause, Object: s.name, Detail: strings.Join(differences, "; "), Loses: loses}}, nil
}

// maxLengthBytes is the argument in which a queue may differ without losing hits.
const maxLengthBytes = "x-max-length-bytes"

// RedeclaredQueues is the Cause for queues whose arguments can lose hits.
const RedeclaredQueues = "queues were declared otherwise than integr8 topology does"

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
		Cause: "exchanges were declared otherwise than integr8 topology does", Object: name,
		Detail: fmt.Sprintf("%s is %s, and should be %s", difference.argument, difference.has, kind), Loses: true,
	}}, nil
}

// declaredOtherwise runs a declaration on a new channel, which the broker closes when it
// refuses. It returns nil when the broker accepts the declaration, and when the object
// is missing.
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
	// has is the value that the object has, in the broker's text.
	has string
	// value is has as an argument of a declaration, nil for none. unread is set when
	// the broker's text could not be parsed.
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

// adopt copies the object's value into the arguments, so that the next declaration
// shows the next difference. It returns false when it would show the same one again.
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

func textOf(value any) string {
	if value == nil {
		return "none"
	}
	return fmt.Sprint(value)
}
