package rabbit

import (
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
)

func TestAMessageAboveTheBrokersOwnBoundCanNeverBeSent(t *testing.T) {
	t.Parallel()
	tooLarge := closedOver(&amqp.Error{Code: amqp.PreconditionFailed, Reason: "message size 2000 is larger than configured max size 1000"})
	require.Equal(t, failure.Permanent, failure.Of(tooLarge))
	require.NotErrorIs(t, tooLarge, ErrUnavailable)
	for _, code := range []int{amqp.NotFound, amqp.InternalError, amqp.ConnectionForced} {
		err := closedOver(&amqp.Error{Code: code})
		require.Equal(t, failure.Outage, failure.Of(err))
		require.ErrorIs(t, err, ErrUnavailable)
	}
}
