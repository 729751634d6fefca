package rabbit

import (
	"os"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// openChannel opens a channel on a connection that lasts as long as the test.
func openChannel(t *testing.T) *channel {
	t.Helper()
	addresses, err := parseAddresses(os.Getenv("AMQP_URL"))
	require.NoError(t, err)
	session, err := dialAny(t.Context(), addresses, "test", time.Second)
	require.NoError(t, err)
	t.Cleanup(session.close)
	channel, err := session.channel(responseTimeout)
	require.NoError(t, err)
	require.NoError(t, channel.Err())
	return channel
}

func TestAChannelReportsItsEndToAllWhoWait(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(*channel)
		want string
	}{
		"the broker closed it":                   {func(c *channel) { _, _ = c.QueueDeclarePassive("never.declared", true, false, false, false, nil) }, "NOT_FOUND"},
		"it was closed here":                     {func(c *channel) { _ = c.Close() }, amqp.ErrClosed.Error()},
		"the connection was lost":                {func(c *channel) { c.session.cut() }, "closed network connection"},
		"the broker cancelled its only consumer": {cancelConsumer, errCancelled.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			channel := openChannel(t)
			test.end(channel)
			for range 2 {
				<-channel.Done()
				require.ErrorContains(t, channel.Err(), test.want)
			}
		})
	}
}

// cancelConsumer deletes a consumer's queue, so that the broker cancels the consumer.
func cancelConsumer(c *channel) {
	queue, _ := c.QueueDeclare("", false, false, true, false, nil)
	_, _ = c.Consume(queue.Name, "", true, false, false, false, nil)
	_, _ = c.QueueDelete(queue.Name, false, false, false)
}
