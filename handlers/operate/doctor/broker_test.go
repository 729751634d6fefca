package doctor

import (
	"context"
	"fmt"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/queues"
	"integr8/pipeline/failure"
)

// TestAQueueThatGoesMissingDuringTheExaminationIsNoOutage: the broker is there, and the
// topology has to be declared.
func TestAQueueThatGoesMissingDuringTheExaminationIsNoOutage(t *testing.T) {
	t.Parallel()
	gone := failure.Unavailable(fmt.Errorf("queue north.clicks is missing: %w", &amqp.Error{Code: amqp.NotFound, Reason: "NOT_FOUND"}))
	b := &brokerChecks{Broker: &Broker{Queues: func(context.Context) ([]queues.Queue, error) {
		return nil, fmt.Errorf("look at the queues: %w", gone)
	}}}
	e := &examination{system: &System{}, now: time.Now(), server: &server{name: "broker", away: "is RabbitMQ running?"}}
	b.depths(t.Context(), e)
	require.Len(t, e.findings, 1)
	require.Equal(t, "topology", e.findings[0].Check)
	require.Contains(t, e.findings[0].Hint, "integr8 topology")
}
