package queues_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

func TestAllQueuesOfATopologyAreDeclaredAgainAndAgain(t *testing.T) {
	t.Parallel()
	topology := rabbittest.Topology(t, rabbit.Topology{Topics: handlers.Topics()})
	var want []string
	for _, name := range topology.QueueNames() {
		want = append(want, topology.Prefix+name)
	}
	for range 2 {
		declared, err := queues.Declare(t.Context(), queues.RabbitMQ{Topology: topology, URL: rabbittest.URL(t)})
		require.NoError(t, err)
		require.Equal(t, queues.Declared{Queues: want}, declared)
	}
}

// cluster is a broker with one queue, on which the check of dead letters has a result.
type cluster struct {
	checked  error
	declared bool
}

func (c *cluster) CheckDeadLettering(context.Context) error { return c.checked }
func (c *cluster) Declare(context.Context) error {
	c.declared = true
	return nil
}
func (c *cluster) Depths(context.Context) ([]rabbit.Depth, error) {
	return []rabbit.Depth{{Queue: "clicks"}}, nil
}

func TestNoQueueIsDeclaredThatWouldLoseDeadLetters(t *testing.T) {
	t.Parallel()
	old := &cluster{checked: fmt.Errorf("look: %w", rabbit.ErrDeadLettersAtRisk)}
	_, err := queues.Declare(t.Context(), old)
	require.ErrorIs(t, err, rabbit.ErrDeadLettersAtRisk)
	require.Equal(t, queues.StreamsHint, failure.Hint(err))
	require.False(t, old.declared)
}

// TestTheJSONOfDeclaredQueuesStaysAsItWas: scripts read it.
func TestTheJSONOfDeclaredQueuesStaysAsItWas(t *testing.T) {
	t.Parallel()
	for want, broker := range map[string]*cluster{
		`{"queues":["clicks"]}`: {},
		`{"queues":["clicks"],"unseen":"whether dead letters are moved at least once (feature flag stream_queue): not allowed"}`: {checked: errors.New("not allowed")},
	} {
		declared, err := queues.Declare(t.Context(), broker)
		require.NoError(t, err)
		text, err := json.Marshal(declared)
		require.NoError(t, err)
		require.Equal(t, want, string(text))
	}
}
