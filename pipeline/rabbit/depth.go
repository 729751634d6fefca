package rabbit

import (
	"context"
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"integr8/pipeline/failure"
)

// errUncounted: see count.
var errUncounted = failure.WithHint(errors.New("RabbitMQ cannot read it, its leader does not respond"),
	"RabbitMQ is overloaded, or a node of it is down: rabbitmq-diagnostics check_running shows which")

const (
	// leaderTimeout is how long a broker waits for the leader of a quorum queue before it
	// reports neither messages nor consumers (rabbit_quorum_queue:stat, RabbitMQ 3.10 to
	// 4.3).
	leaderTimeout = 250 * time.Millisecond
	// countAttempts bounds the attempts of count.
	countAttempts = 8
)

// Depth is the number of messages and of consumers of a queue.
type Depth struct {
	// Queue is the queue's name, with the prefix.
	Queue string
	// Messages counts the AMQP messages that wait to be delivered; each may hold many
	// hits. Messages that consumers hold are not counted.
	Messages  int
	Consumers int
}

// Depths returns the depth of every queue, in the order of the topology. It fails when
// the broker cannot read a queue.
func (t Topology) Depths(ctx context.Context, url string) ([]Depth, error) {
	var depths []Depth
	err := administer(ctx, url, "read the queue depths", func(ch *amqp.Channel) (err error) {
		depths, err = t.depths(ch)
		return err
	})
	return depths, err
}

func (t Topology) depths(ch *amqp.Channel) ([]Depth, error) {
	var depths []Depth
	for _, spec := range t.specs() {
		queue, err := count(ch, spec.name)
		if err != nil {
			return nil, err
		}
		depths = append(depths, Depth{Queue: spec.name, Messages: queue.Messages, Consumers: queue.Consumers})
	}
	return depths, nil
}

// declarer is the part of a channel that count uses.
type declarer interface {
	QueueDeclarePassive(name string, durable, autoDelete, exclusive, noWait bool, args amqp.Table) (amqp.Queue, error)
}

// count reads how many messages and consumers a queue has. When a reply that there are
// none of both took as long as a broker waits for the leader, the queue may have any
// number of them, and count asks again. It fails when every attempt ends like this.
func count(ch declarer, name string) (amqp.Queue, error) {
	for range countAttempts {
		asked := time.Now()
		queue, err := ch.QueueDeclarePassive(name, true, false, false, false, nil)
		if err != nil {
			return amqp.Queue{}, missing("queue", name, err)
		}
		if queue.Messages > 0 || queue.Consumers > 0 || time.Since(asked) < leaderTimeout {
			return queue, nil
		}
	}
	return amqp.Queue{}, fmt.Errorf("count the messages of queue %s: %w", name, errUncounted)
}
