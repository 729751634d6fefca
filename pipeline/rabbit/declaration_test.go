package rabbit

import (
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// TestDeclarationsAreThoseOfExistingSystems compares with what existing systems declared:
// names, arguments and bindings. A broker refuses a queue that exists with another
// argument, and a queue under another name would not get the messages of the one
// that exists.
func TestDeclarationsAreThoseOfExistingSystems(t *testing.T) {
	t.Parallel()
	work := func(name string) queueSpec {
		return queueSpec{name: "p." + name, exchange: "p.hits", key: name, arguments: amqp.Table{
			"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length-bytes": int64(8589934592),
			"x-delivery-limit": int64(20), "x-dead-letter-exchange": "p.hits", "x-dead-letter-routing-key": "dead",
			"x-dead-letter-strategy": "at-least-once",
		}}
	}
	retry := func(name string, ttl int64) queueSpec {
		return queueSpec{name: "p." + name, exchange: "p." + name, arguments: amqp.Table{
			"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length-bytes": int64(8589934592),
			"x-message-ttl": ttl, "x-dead-letter-exchange": "p.hits", "x-dead-letter-strategy": "at-least-once",
		}}
	}
	want := []queueSpec{
		work("clicks"), work("clicks.suspects"), work("postbacks"), work("postbacks.suspects"), work("deliveries"), work("deliveries.suspects"),
		{name: "p.dead", exchange: "p.hits", key: "dead", arguments: amqp.Table{
			"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length-bytes": int64(8589934592),
			"x-delivery-limit": int64(1_000_000_000),
		}},
		retry("retry.1s", 1000), retry("retry.5s", 5000), retry("retry.30s", 30_000), retry("retry.2m", 120_000), retry("retry.10m", 600_000),
	}
	topology := Topology{Prefix: "p.", Topics: []Topic{{Name: "clicks"}, {Name: "postbacks"}, {Name: "deliveries"}}}
	require.Equal(t, want, topology.specs())
	require.Equal(t, "p.hits", topology.hits())
	require.Equal(t, "p.status", topology.statuses())
}
