package rabbit

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ledger is a broker's view of a channel: deliveries that are settled, and
// those that returned to their queue. Before it handles a nack it runs the acks that
// can happen meanwhile.
type ledger struct {
	consumer       *consumer
	settled, queue map[uint64]bool
}

func (l *ledger) Ack(tag uint64, multiple bool) error {
	for t := uint64(1); t <= tag; t++ {
		if (multiple || t == tag) && !l.queue[t] {
			l.settled[t] = true
		}
	}
	return nil
}

func (l *ledger) Nack(tag uint64, _, _ bool) error {
	if l.consumer.mu.TryLock() { // nothing keeps the others from overtaking
		l.consumer.mu.Unlock()
		l.consumer.ack(false)
	}
	if !l.settled[tag] {
		l.queue[tag] = true
	}
	return nil
}

func TestADeliveryThatIsReturnedIsNotSettledByAnAckThatOvertakesIt(t *testing.T) {
	t.Parallel()
	broker := &ledger{settled: map[uint64]bool{}, queue: map[uint64]bool{}}
	c := &consumer{broker: broker, wake: make(chan struct{}, 1), open: tracker{overtakeAfter: 100}}
	broker.consumer = c
	for tag := uint64(1); tag <= 3; tag++ {
		c.open.add(tag)
	}
	c.finish(1)
	c.finish(3)
	c.requeue(2)
	require.Equal(t, map[uint64]bool{2: true}, broker.queue)
	c.ack(false)
	require.Equal(t, map[uint64]bool{1: true, 3: true}, broker.settled)
}
