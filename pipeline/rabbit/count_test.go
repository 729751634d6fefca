package rabbit

import (
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
)

// lateLeader stands for a broker that replies "none" for some time, because the leader
// of the queue does not respond to it.
type lateLeader struct {
	late  int
	takes time.Duration
	asked int
}

func (l *lateLeader) QueueDeclarePassive(name string, _, _, _, _ bool, _ amqp.Table) (amqp.Queue, error) {
	l.asked++
	if l.asked <= l.late {
		time.Sleep(l.takes)
		return amqp.Queue{Name: name}, nil
	}
	return amqp.Queue{Name: name, Messages: 3, Consumers: 2}, nil
}

func TestANoneThatABrokerOnlyAssumesIsNotBelieved(t *testing.T) {
	t.Parallel()
	slow := &lateLeader{late: 2, takes: leaderTimeout}
	queue, err := count(slow, "hits")
	require.NoError(t, err)
	require.Equal(t, amqp.Queue{Name: "hits", Messages: 3, Consumers: 2}, queue)
	require.Equal(t, 3, slow.asked)

	silent := &lateLeader{late: countAttempts, takes: leaderTimeout}
	_, err = count(silent, "hits")
	require.ErrorIs(t, err, errUncounted)
	require.ErrorContains(t, err, "count the messages of queue hits")
	require.Contains(t, failure.Hint(err), "a node of it is down")
	require.Equal(t, countAttempts, silent.asked)
}
