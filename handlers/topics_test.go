package handlers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/pipeline/rabbit"
)

// TestTheQueuesAreThoseOfExistingSystems compares with the names that existing systems
// declared; a test of package rabbit compares the arguments.
func TestTheQueuesAreThoseOfExistingSystems(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"clicks", "clicks.suspects", "postbacks", "postbacks.suspects", "deliveries", "deliveries.suspects",
		"dead", "retry.1s", "retry.5s", "retry.30s", "retry.2m", "retry.10m",
	}, rabbit.Topology{Topics: handlers.Topics()}.QueueNames())
}
