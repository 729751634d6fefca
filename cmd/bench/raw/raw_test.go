package raw_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/cmd/bench/raw"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPublishedMessagesAreConfirmedAndConsumed(t *testing.T) {
	url := os.Getenv("AMQP_URL")
	require.NotEmpty(t, url, "AMQP_URL is not set: run `make test`")
	result, err := raw.Run(t.Context(), raw.Options{
		URL: url, Queue: "test." + uuid.NewString(), Unconfirmed: 4, Warmup: 100 * time.Millisecond, Duration: time.Second,
	})
	require.NoError(t, err)
	require.Positive(t, result.Confirmed)
	require.InDelta(t, result.Confirmed, result.Consumed, raw.Backlog, "no more than the backlog apart")
	require.EqualValues(t, result.Confirmed, result.Confirm.TotalCount())
	require.EqualValues(t, result.Consumed, result.Through.TotalCount())
}
