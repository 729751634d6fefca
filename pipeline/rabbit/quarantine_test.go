package rabbit_test

import (
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

func TestAHitThatIsRedeliveredTwiceAloneIsQuarantined(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(1)[0]
	require.NoError(t, publisher.Publish("postbacks", sent))
	returnOften(t, topology.Prefix+"postbacks", 2)

	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	messages := subscribe(t, subscriber, "postbacks")
	msg := receive(t, messages)
	require.True(t, msg.Equals(sent), "as it was, and as if it were new")
	require.Equal(t, 1, subscriber.Flows()["postbacks.suspects"].Hits, "it came out of the quarantine")
	require.True(t, msg.Ack())
	left(t, topology, "postbacks", 0)
	left(t, topology, "postbacks.suspects", 0)
}

func TestQuarantinedHitsAreFetchedOneAtATimeWhateverTheirTopic(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	for _, topic := range []string{"clicks.suspects", "clicks.suspects", "postbacks.suspects"} {
		require.NoError(t, publisher.Publish(topic, hits(1)...))
	}
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	clicks, postbacks := subscribe(t, subscriber, "clicks"), subscribe(t, subscriber, "postbacks")
	next := func() *message.Message {
		select {
		case msg := <-clicks:
			return msg
		case msg := <-postbacks:
			return msg
		case <-time.After(testTimeout):
			require.FailNow(t, "no message arrived")
			return nil
		}
	}
	quarantined := next()
	for range 2 {
		usual := message.NewMessage("usual", nil)
		require.NoError(t, publisher.Publish("clicks", usual))
		got := next()
		require.Equal(t, "usual", got.UUID, "others go on, and no second quarantined hit comes before the first is settled")
		require.True(t, got.Ack())
		require.True(t, quarantined.Ack())
		quarantined = next()
	}
	require.True(t, quarantined.Ack())
}

func TestNoQuarantinedHitIsFetchedBesideARedeliveredOne(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	returned, quarantined := hits(1)[0], hits(1)[0]
	require.NoError(t, publisher.Publish("clicks", returned))
	returnOften(t, topology.Prefix+"clicks", 1)
	require.NoError(t, publisher.Publish("postbacks.suspects", quarantined))

	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	postbacks, clicks := subscribe(t, subscriber, "postbacks"), subscribe(t, subscriber, "clicks")
	first := receive(t, clicks)
	require.Equal(t, returned.UUID, first.UUID)
	select {
	case <-postbacks:
		require.FailNow(t, "the return of the first would have counted against the quarantined one, and the other way round")
	case <-time.After(time.Second):
	}
	require.True(t, first.Ack())
	require.Equal(t, quarantined.UUID, receive(t, postbacks).UUID)
}

// TestAHitThatCrashesItsWorkerCondemnsOnlyItself runs workers that crash when they get
// a certain hit, while they hold many others.
func TestAHitThatCrashesItsWorkerCondemnsOnlyItself(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(40)
	poison := sent[17].UUID
	require.NoError(t, publisher.Publish("postbacks", sent[:30]...))
	for _, msg := range sent[30:] {
		require.NoError(t, publisher.Publish("postbacks", msg))
	}
	dead := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "dead")

	handled := map[string]bool{}
	var condemned *message.Message
	for lives := 0; condemned == nil; lives++ {
		require.Less(t, lives, 60, "the hit is never given up")
		condemned = liveUntil(t, topology, poison, handled, dead)
	}
	require.Equal(t, poison, condemned.UUID)
	require.Equal(t, "delivery_limit", condemned.Metadata.Get(rabbit.MetadataLastDeathReason))
	require.True(t, condemned.Ack())
	// The next worker handles what the last one held.
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "postbacks")
	for len(handled) < len(sent)-1 {
		msg := receive(t, messages)
		require.NotEqual(t, poison, msg.UUID)
		handled[msg.UUID] = true
		require.True(t, msg.Ack())
	}
	left(t, topology, "dead", 0)
}

// liveUntil runs one worker until it gets the poison. It handles a hit only when no
// other is waiting, so that it crashes with many hits under way. It returns the hit
// that the broker dead-letters meanwhile, if any.
func liveUntil(t *testing.T, topology rabbit.Topology, poison string, handled map[string]bool, dead <-chan *message.Message) *message.Message {
	t.Helper()
	proxy := rabbittest.NewProxy(t)
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.URL, Topology: topology, DrainTimeout: time.Millisecond})
	defer func() { require.NoError(t, subscriber.Close()) }()
	messages := subscribe(t, subscriber, "postbacks")
	overdue := time.After(testTimeout)
	var underWay []*message.Message
	for {
		select {
		case msg := <-messages:
			if msg.UUID == poison {
				proxy.Break()
				return nil
			}
			underWay = append(underWay, msg)
		case <-time.After(10 * time.Millisecond):
			for _, msg := range underWay {
				handled[msg.UUID] = true
				require.True(t, msg.Ack())
			}
			underWay = nil
		case msg := <-dead:
			return msg
		case <-overdue:
			require.FailNow(t, "neither the poison nor a dead letter comes")
		}
	}
}
