package rabbit

import (
	"errors"
	"os"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// The responses are those of RabbitMQ 3.10.8, with the flag on and with it off.
func TestTheFlagThatDeadLetteringNeedsIsReadFromTheBrokersResponse(t *testing.T) {
	t.Parallel()
	on := &amqp.Error{Code: 406, Reason: "PRECONDITION_FAILED - invalid property 'exclusive-owner' for queue 'stream-probe' in vhost '/'"}
	off := &amqp.Error{Code: 541, Reason: "INTERNAL_ERROR - Cannot declare a queue 'queue 'stream-probe' in vhost '/'' of type 'rabbit_stream_queue' " +
		"on node 'rabbit@localhost': the corresponding feature flag is disabled"}
	require.NoError(t, deadLetteringBy(on))
	require.NoError(t, deadLetteringBy(nil))
	require.ErrorIs(t, deadLetteringBy(off), ErrDeadLettersAtRisk)
	for _, unknown := range []error{
		&amqp.Error{Code: 541, Reason: "INTERNAL_ERROR"},
		&amqp.Error{Code: 406, Reason: "PRECONDITION_FAILED - invalid arg 'x-queue-type'"},
		&amqp.Error{Code: 403, Reason: "ACCESS_REFUSED"},
		errors.New("cut off"),
	} {
		err := deadLetteringBy(unknown)
		require.ErrorIs(t, err, unknown, "it could not be seen, and that is said")
		require.NotErrorIs(t, err, ErrDeadLettersAtRisk)
	}
}

func TestABrokerThatDeadLettersAtLeastOncePassesTheCheck(t *testing.T) {
	t.Parallel()
	url := os.Getenv("AMQP_URL")
	require.NotEmpty(t, url, "run `make test`")
	topology := Topology{Prefix: "test.probe."}
	for range 2 { // the first leaves nothing behind
		require.NoError(t, topology.CheckDeadLettering(t.Context(), url))
	}
	require.ErrorIs(t, topology.CheckDeadLettering(t.Context(), "amqp://127.0.0.1:1/"), ErrUnavailable)
}
