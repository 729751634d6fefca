package dead_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/rabbit"
)

// TestALetterIsSilentOnlyAfterAllRetries: a replayed hit that fails each time waits out
// every delay of its topic before there is news of it.
func TestALetterIsSilentOnlyAfterAllRetries(t *testing.T) {
	t.Parallel()
	topology := rabbit.Topology{Topics: handlers.Topics()}
	for _, topic := range topology.Topics {
		var span time.Duration
		for _, delay := range topology.RetryDelaysOf(topic.Name) {
			span += delay
		}
		require.NotZero(t, span)
		require.Greater(t, dead.SilentAfter, span, "SilentAfter and the retry delays of %s", topic.Name)
	}
}
