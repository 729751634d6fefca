package handlers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/worker"
)

func TestEveryCauseOfADeadLetterIsAReasonOfFailed(t *testing.T) {
	for _, cause := range []worker.Cause{worker.HandlerFailed, worker.DeliveryLimit, worker.MessageExpired, worker.QueueOverflow,
		worker.MessageRefused, worker.Unexplained, worker.Undecodable} {
		require.Equal(t, attribution.Failed, attribution.Reason(cause).Outcome(), "%s", cause)
		require.Contains(t, attribution.Reasons(), attribution.Reason(cause))
	}
}
