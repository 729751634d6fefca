package rabbit_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
)

// receipts collects what a Subscriber observed.
type receipts struct {
	mu   sync.Mutex
	seen []rabbit.Receipt
}

func (r *receipts) observe(receipt rabbit.Receipt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, receipt)
}

func (r *receipts) all() []rabbit.Receipt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]rabbit.Receipt(nil), r.seen...)
}

// ended waits until a subscription's channel is closed, without any message.
func ended(t testing.TB, messages <-chan *message.Message) {
	t.Helper()
	select {
	case msg, open := <-messages:
		require.False(t, open, "a message after the end: %v", msg)
	case <-time.After(patience):
		require.FailNow(t, "the subscription did not end")
	}
}

// left waits until a queue holds n AMQP messages that nobody works on.
func left(t testing.TB, topology rabbit.Topology, topic string, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return count(t, topology, topic) == n }, patience, 20*time.Millisecond)
}

func TestHitsOfABatchAreSettledOneByOne(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(5)
	require.NoError(t, publisher.Publish("clicks", sent...))
	require.Equal(t, 1, count(t, topology, "clicks"), "one AMQP message")

	var seen receipts
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Observe: seen.observe}), "clicks")
	batch := make([]*message.Message, len(sent))
	for i := range batch {
		batch[i] = receive(t, messages)
		require.Equal(t, sent[i].UUID, batch[i].UUID, "in order")
	}
	batch[2].Metadata.Set("number", "changed by the handler")
	for i, msg := range batch {
		if i == 2 {
			require.True(t, msg.Nack())
		} else {
			require.True(t, msg.Ack())
		}
	}
	again := receive(t, messages)
	require.True(t, again.Equals(sent[2]), "a nacked hit comes back as it was, alone")
	again.Ack()
	require.Equal(t, []int{5, 1}, []int{seen.all()[0].Hits, seen.all()[1].Hits})
	require.Equal(t, "clicks", seen.all()[0].Topic)
	require.Positive(t, seen.all()[0].Bytes)
	require.Zero(t, seen.all()[1].Returns, "it was published anew")
}

func TestWhatWasAckedDoesNotComeBackAndTheRestDoes(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, MaxItems: 1})
	sent := hits(4)
	for _, msg := range sent {
		require.NoError(t, publisher.Publish("clicks", msg))
	}
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, DrainTimeout: 100 * time.Millisecond})
	messages := subscribe(t, subscriber, "clicks")
	got := []*message.Message{receive(t, messages), receive(t, messages), receive(t, messages)}
	got[0].Ack()
	got[2].Ack() // beyond one that is not settled
	require.NoError(t, subscriber.Close())
	ended(t, messages)
	left(t, topology, "clicks", 2)

	messages = subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	for _, want := range []*message.Message{sent[1], sent[3]} {
		msg := receive(t, messages)
		require.Equal(t, want.UUID, msg.UUID)
		require.Equal(t, "1", msg.Metadata.Get(rabbit.MetadataDeliveryCount))
		msg.Ack()
	}
}

func TestAHitNackedAtTheEndStaysInItsQueue(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	require.NoError(t, publisher.Publish("clicks", hits(3)...))
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	ctx, cancel := context.WithCancel(t.Context())
	messages, err := subscriber.Subscribe(ctx, "clicks")
	require.NoError(t, err)
	batch := []*message.Message{receive(t, messages), receive(t, messages), receive(t, messages)}
	cancel()
	ended(t, messages)
	batch[0].Ack()
	batch[1].Nack()
	batch[2].Ack()
	left(t, topology, "clicks", 1)

	messages = subscribe(t, subscriber, "clicks")
	for range 3 {
		receive(t, messages).Ack() // its neighbours may come again with it
	}
	require.NoError(t, subscriber.Close())
	left(t, topology, "clicks", 0)
}

func TestHitsUnderWayCanBeAckedAfterTheSubscriptionHasEnded(t *testing.T) {
	for name, end := range map[string]func(cancel context.CancelFunc, subscriber *rabbit.Subscriber){
		"by its context": func(cancel context.CancelFunc, _ *rabbit.Subscriber) { cancel() },
		"by Close":       func(_ context.CancelFunc, subscriber *rabbit.Subscriber) { go func() { _ = subscriber.Close() }() },
	} {
		t.Run(name, func(t *testing.T) {
			topology := declare(t, rabbit.Topology{})
			publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
			require.NoError(t, publisher.Publish("clicks", hits(2)...))
			subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, DrainTimeout: patience})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			messages, err := subscriber.Subscribe(ctx, "clicks")
			require.NoError(t, err)
			first, second := receive(t, messages), receive(t, messages)
			end(cancel, subscriber)
			ended(t, messages)
			require.NoError(t, first.Context().Err(), "a handler may finish its work")
			first.Ack()
			second.Ack()
			require.NoError(t, subscriber.Close())
			left(t, topology, "clicks", 0)
		})
	}
}

type contextKey struct{}

func TestAMessageContextLivesAsLongAsItsWork(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, MaxItems: 1})
	require.NoError(t, publisher.Publish("clicks", hits(2)...))
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, DrainTimeout: 200 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, "value"))
	messages, err := subscriber.Subscribe(ctx, "clicks")
	require.NoError(t, err)
	acked, abandoned := receive(t, messages), receive(t, messages)
	require.Equal(t, "value", acked.Context().Value(contextKey{}))
	require.NoError(t, acked.Context().Err())
	acked.Ack()
	over(t, acked.Context(), "when the message is settled")
	cancel()
	ended(t, messages)
	require.NoError(t, abandoned.Context().Err(), "the end of the subscription does not end the work")
	over(t, abandoned.Context(), "when the drain is over")
}

func over(t testing.TB, ctx context.Context, when string) {
	t.Helper()
	select {
	case <-ctx.Done():
	case <-time.After(patience):
		require.FailNow(t, "the context should end "+when)
	}
}

func TestABatchThatComesBackTwiceIsTakenApart(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(3)
	require.NoError(t, publisher.Publish("postbacks", sent...))
	proxy := newProxy(t)
	var seen receipts
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.url, Topology: topology, Observe: seen.observe}), "postbacks")
	for range 2 {
		for range sent {
			receive(t, messages) // and the worker dies
		}
		proxy.cut()
	}
	for _, want := range sent {
		msg := receive(t, messages)
		require.True(t, msg.Equals(want), "each alone, as it was, and as if it were new")
		msg.Ack()
	}
	shapes := [][2]int{}
	for _, receipt := range seen.all() {
		shapes = append(shapes, [2]int{receipt.Hits, int(receipt.Returns)})
	}
	require.Equal(t, [][2]int{{3, 0}, {3, 1}, {3, 2}, {1, 0}, {1, 0}, {1, 0}}, shapes)
	left(t, topology, "postbacks", 0)
}

func TestABatchThatCannotBeTakenApartIsHandledAllTheSame(t *testing.T) {
	topology := declare(t, rabbit.Topology{MaxBytes: 300})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(3)
	require.NoError(t, publisher.Publish("postbacks", sent...))
	returnOften(t, topology.Prefix+"postbacks", 1)
	delivery, found, err := rawChannel(t).Get(topology.Prefix+"postbacks", false)
	require.NoError(t, err)
	require.True(t, found)
	fill(t, publisher, "postbacks") // without the batch, which needs no room to return
	require.NoError(t, delivery.Reject(true))
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Prefetch: 1}), "postbacks")
	returns := func(msg *message.Message) string {
		require.True(t, msg.Ack())
		return msg.Metadata.Get(rabbit.MetadataDeliveryCount)
	}
	require.Equal(t, []string{"2", "2", "2"}, outcomes(t, messages, sent, returns))
}

// fill publishes until the queue is full.
func fill(t testing.TB, publisher *rabbit.Publisher, topic string) {
	t.Helper()
	for range 100 {
		if err := publisher.Publish(topic, hits(1)...); err != nil {
			require.ErrorIs(t, err, rabbit.ErrRefused)
			return
		}
	}
	require.FailNow(t, "the queue does not get full")
}

func TestAHitThatAFullQueueDoesNotTakeBackIsNotLost(t *testing.T) {
	topology := declare(t, rabbit.Topology{MaxBytes: 300})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(3)
	require.NoError(t, publisher.Publish("postbacks", sent...))
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Prefetch: 1}), "postbacks")
	batch := []*message.Message{receive(t, messages), receive(t, messages), receive(t, messages)}
	fill(t, publisher, "postbacks")
	for _, msg := range batch {
		require.True(t, msg.Nack())
	}
	returns := func(msg *message.Message) string {
		require.True(t, msg.Ack())
		return msg.Metadata.Get(rabbit.MetadataDeliveryCount)
	}
	require.Equal(t, []string{"1", "1", "1"}, outcomes(t, messages, sent, returns), "the whole batch is back")
}

// outcomes handles messages until all of the wanted ones have come, and tells
// what became of those, in the order in which they are wanted.
func outcomes(t testing.TB, messages <-chan *message.Message, want []*message.Message, handle func(*message.Message) string) []string {
	t.Helper()
	got := map[string]string{}
	var answers []string
	for _, wanted := range want {
		answer, come := got[wanted.UUID]
		for ; !come; answer, come = got[wanted.UUID] {
			msg := receive(t, messages)
			got[msg.UUID] = handle(msg)
		}
		answers = append(answers, answer)
	}
	return answers
}

func TestSubscriberGoesOnAfterTheConnectionIsLost(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	proxy := newProxy(t)
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.url, Topology: topology}), "clicks")
	for round := range 3 {
		want := hits(1)[0]
		require.NoError(t, publisher.Publish("clicks", want))
		first := receive(t, messages)
		if round == 1 {
			proxy.leave()
			proxy.comeBack()
		} else {
			proxy.cut()
		}
		again := receive(t, messages) // and no empty message in between
		require.Equal(t, want.UUID, first.UUID)
		require.Equal(t, want.UUID, again.UUID)
		require.Equal(t, "1", again.Metadata.Get(rabbit.MetadataDeliveryCount))
		require.NoError(t, first.Context().Err(), "the work on a lost delivery is not torn down")
		first.Ack() // too late, and harmless
		again.Ack()
		over(t, first.Context(), "when the message is settled")
		over(t, again.Context(), "when the message is settled")
	}
	left(t, topology, "clicks", 0)
}

func TestSubscriberNoticesABrokerThatHangs(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	proxy := newProxy(t)
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.url, Topology: topology, DrainTimeout: 100 * time.Millisecond})
	messages := subscribe(t, subscriber, "clicks")
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	require.NoError(t, publisher.Publish("clicks", hits(1)...))
	receive(t, messages)
	proxy.hang()
	within(t, patience, func() { require.NoError(t, subscriber.Close()) })
	ended(t, messages)
}

// syncBuffer is a log that a test reads while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	log bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.String()
}

func TestSubscriberWaitsForAQueueThatIsMissing(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	channel := rawChannel(t)
	_, err := channel.QueueDelete(topology.Prefix+"clicks", false, false, false)
	require.NoError(t, err)
	var log syncBuffer
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Logger: slog.New(slog.NewTextHandler(io.MultiWriter(&log, t.Output()), nil))})
	messages := subscribe(t, subscriber, "clicks")
	missing := "queue " + topology.Prefix + "clicks is missing: run `integr8 topology`"
	require.Eventually(t, func() bool { return strings.Contains(log.String(), missing) }, patience, time.Millisecond)

	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	for range 2 {
		require.NoError(t, topology.Declare(t.Context(), brokerURL(t)))
		require.NoError(t, publisher.Publish("clicks", hits(1)...))
		receive(t, messages).Ack()
		told := strings.Count(log.String(), missing)
		_, err = channel.QueueDelete(topology.Prefix+"clicks", false, false, false)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return strings.Count(log.String(), missing) > told }, patience, time.Millisecond)
	}
	require.Contains(t, log.String(), "cancelled the consumer")
	require.NoError(t, topology.Declare(t.Context(), brokerURL(t)))
	require.Equal(t, 3, strings.Count(log.String(), missing), "told when the error changes, not at every attempt")
}

func TestSubscriberNoticesThatItIsNeglected(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Prefetch: 1, IdleCheck: 50 * time.Millisecond})
	messages := subscribe(t, subscriber, "clicks")
	channel := rawChannel(t)
	for range 5 {
		for range 3 {
			require.NoError(t, publisher.Publish("clicks", hits(1)...))
		}
		for range 3 {
			receive(t, messages).Ack()
		}
		_, err := channel.QueueDelete(topology.Prefix+"clicks", false, false, false)
		require.NoError(t, err)
		require.NoError(t, topology.Declare(t.Context(), brokerURL(t)), "in the same moment")
	}
}

func TestNoMoreHitsAreGivenOutThanAllowed(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	sent := hits(10)
	require.NoError(t, publisher.Publish("clicks", sent...))
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, MaxHits: 2}), "clicks")
	under := []*message.Message{receive(t, messages), receive(t, messages)}
	for _, want := range sent[2:] {
		select {
		case msg := <-messages:
			require.FailNow(t, "a third hit is given out: "+msg.UUID)
		case <-time.After(20 * time.Millisecond):
		}
		under[0].Ack()
		msg := receive(t, messages)
		require.Equal(t, want.UUID, msg.UUID)
		under = append(under[1:], msg)
	}
	under[0].Ack()
	under[1].Ack()
}

func TestASlowHitDoesNotHoldUpTheQueue(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, MaxItems: 1, Outstanding: 1})
	require.NoError(t, publisher.Publish("clicks", hits(100)...))
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, Prefetch: 4})
	messages := subscribe(t, subscriber, "clicks")
	slow := receive(t, messages)
	for range 99 {
		receive(t, messages).Ack()
	}
	slow.Ack()
	require.NoError(t, subscriber.Close())
	left(t, topology, "clicks", 0)
}

func TestOneSubscriberKeepsTheOrder(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology, Outstanding: 1})
	var sent []*message.Message
	for n := range 20 {
		batch := hits(1 + n*37%200) // some alone, some in several batches
		require.NoError(t, publisher.Publish("clicks", batch...))
		sent = append(sent, batch...)
	}
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	for i, want := range sent {
		msg := receive(t, messages)
		require.Equal(t, want.UUID, msg.UUID, "message %d", i)
		msg.Ack()
	}
}

func TestACloseEndsEverySubscription(t *testing.T) {
	topology := declare(t, rabbit.Topology{})
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	clicks, postbacks := subscribe(t, subscriber, "clicks"), subscribe(t, subscriber, "postbacks")
	var closes sync.WaitGroup
	for range 3 {
		closes.Go(func() {
			if err := subscriber.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	closes.Wait()
	ended(t, clicks)
	ended(t, postbacks)
	_, err := subscriber.Subscribe(t.Context(), "clicks")
	require.ErrorIs(t, err, rabbit.ErrClosed)
	require.Equal(t, failure.Shutdown, failure.Of(err))
}

func TestSubscribingToNoQueueIsRefused(t *testing.T) {
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{})
	for _, topic := range []string{"", "retry.1s/clicks"} {
		_, err := subscriber.Subscribe(t.Context(), topic)
		require.ErrorContains(t, err, "not the name of a queue")
	}
}

func TestSubscriberClosesThoughItNeverConnected(t *testing.T) {
	proxy := newProxy(t)
	proxy.leave()
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{URL: proxy.url})
	messages := subscribe(t, subscriber, "clicks")
	within(t, 5*time.Second, func() { require.NoError(t, subscriber.Close()) })
	ended(t, messages)
}
