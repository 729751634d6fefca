package rabbit_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

func TestPublisherFailsAtOnceWhileTheBrokerIsBlocked(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	proxy := rabbittest.NewProxy(t)
	publisher := newPublisher(t, rabbit.PublisherOptions{URL: proxy.URL, Topology: topology})
	require.NoError(t, publisher.Publish("clicks", hits(1)...))

	proxy.Block(t, "low on memory")
	require.Eventually(t, func() bool { return !publisher.Ready() }, testTimeout, time.Millisecond)
	within(t, time.Second, func() {
		err := publisher.Publish("clicks", hits(1)...)
		require.ErrorIs(t, err, rabbit.ErrBlocked)
		require.ErrorContains(t, err, "low on memory")
		require.Equal(t, failure.Outage, failure.Of(err))
	})
	proxy.Block(t, "low on disk")
	require.Eventually(t, func() bool { return strings.Contains(publisher.Err().Error(), "low on disk") }, testTimeout, time.Millisecond)

	proxy.Unblock(t)
	require.Eventually(t, publisher.Ready, testTimeout, time.Millisecond)
	require.NoError(t, publisher.Publish("clicks", hits(1)...))
	require.Equal(t, 2, count(t, topology, "clicks"), "a refused hit was not sent")
}

func TestPublisherIsUsableWhileTheBrokerIsAway(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	proxy := rabbittest.NewProxy(t)
	proxy.Refuse()
	publisher := newPublisher(t, rabbit.PublisherOptions{URL: proxy.URL, Topology: topology})
	for range 3 {
		within(t, 2*time.Second, func() {
			err := publisher.Publish("clicks", hits(1)...)
			require.ErrorIs(t, err, rabbit.ErrUnavailable)
			require.Equal(t, failure.Outage, failure.Of(err))
		})
	}
	require.False(t, publisher.Ready())
	require.ErrorIs(t, publisher.Err(), rabbit.ErrUnavailable)

	proxy.Pass()
	require.Eventually(t, publisher.Ready, testTimeout, 10*time.Millisecond)
	require.NoError(t, publisher.Publish("clicks", hits(1)...))
}

func TestPublisherTriesEveryAddress(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	away := rabbittest.NewProxy(t)
	away.Refuse()
	publisher := newPublisher(t, rabbit.PublisherOptions{URL: away.URL + ", " + rabbittest.URL(t) + "," + away.URL, Topology: topology})
	require.NoError(t, publisher.Publish("clicks", hits(1)...))
}

// publishOnce has a publisher with a short ConfirmTimeout connect, however long a busy
// machine takes for it.
func publishOnce(t *testing.T, publisher *rabbit.Publisher) {
	t.Helper()
	require.Eventually(t, func() bool { return publisher.Publish("clicks", hits(1)...) == nil }, testTimeout, time.Millisecond)
}

func TestPublishTakesNoLongerThanItsContextAndTimeout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		payload  int
		deadline time.Duration
		want     error
	}{
		"until the context's deadline":         {10, 50 * time.Millisecond, context.DeadlineExceeded},
		"until the confirm timeout":            {10, 0, rabbit.ErrUnconfirmed},
		"though the network takes no bytes":    {12 << 20, 0, rabbit.ErrUnconfirmed},
		"deadline while it takes no bytes too": {12 << 20, 50 * time.Millisecond, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			topology := declare(t, rabbit.Topology{})
			proxy := rabbittest.NewProxy(t)
			publisher := newPublisher(t, rabbit.PublisherOptions{URL: proxy.URL, Topology: topology, ConfirmTimeout: 500 * time.Millisecond})
			publishOnce(t, publisher)
			proxy.Hang()
			within(t, 3*time.Second, func() {
				msg := message.NewMessage("id", make([]byte, test.payload))
				if test.deadline > 0 {
					ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
					defer cancel()
					msg.SetContext(ctx)
				}
				err := publisher.Publish("clicks", msg)
				require.ErrorIs(t, err, test.want)
				require.Equal(t, failure.Outage, failure.Of(err))
				msg.Metadata.Set("attempt", "2") // after Publish the caller may change the message
			})
			require.Eventually(t, func() bool { return !publisher.Ready() }, testTimeout, time.Millisecond)
			within(t, time.Second, func() { require.Error(t, publisher.Publish("clicks", hits(1)...)) })
			proxy.Pass()
			publishOnce(t, publisher)
		})
	}
}

func TestPublisherClosesInTimeThoughTheBrokerHangs(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	proxy := rabbittest.NewProxy(t)
	publisher := newPublisher(t, rabbit.PublisherOptions{URL: proxy.URL, Topology: topology, ConfirmTimeout: 200 * time.Millisecond})
	publishOnce(t, publisher)
	proxy.Hang()
	require.Error(t, publisher.Publish("clicks", hits(1)...))
	within(t, 10*time.Second, func() { require.NoError(t, publisher.Close()) })
}

func TestPublishOfSeveralEndsWithTheFirstOfTheirContexts(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	proxy := rabbittest.NewProxy(t)
	publisher := newPublisher(t, rabbit.PublisherOptions{URL: proxy.URL, Topology: topology})
	require.NoError(t, publisher.Publish("clicks", hits(1)...))
	proxy.Hang()
	defer proxy.Pass()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	batch := hits(3)
	batch[2].SetContext(ctx)
	require.ErrorIs(t, publisher.Publish("clicks", batch...), context.DeadlineExceeded)
}

func TestPublisherLosesNothingWhenTheConnectionIsCut(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	proxy := rabbittest.NewProxy(t)
	publisher := newPublisher(t, rabbit.PublisherOptions{URL: proxy.URL, Topology: topology})
	const callers, each = 20, 50
	var confirmed sync.Map
	var wg sync.WaitGroup
	cutNow := make(chan struct{}, callers*each)
	for range callers {
		wg.Go(func() {
			for i, msg := range hits(each) {
				for {
					err := publisher.Publish("clicks", msg)
					if err == nil {
						break
					}
					if failure.Of(err) != failure.Outage {
						t.Errorf("%s: %v", failure.Of(err), err)
					}
				}
				confirmed.Store(msg.UUID, false)
				if i%20 == 0 {
					cutNow <- struct{}{}
				}
			}
		})
	}
	go func() {
		wg.Wait()
		close(cutNow)
	}()
	cuts := 0
	for range cutNow {
		if cuts++; cuts%10 == 0 {
			proxy.Break()
		}
	}
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	for left := callers * each; left > 0; {
		msg := receive(t, messages)
		before, known := confirmed.Swap(msg.UUID, true)
		require.True(t, known, "a message that nobody sent: %s", msg.UUID)
		if before == false {
			left--
		}
		msg.Ack()
	}
}
