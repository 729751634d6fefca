package rabbit_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
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

// count is how many AMQP messages wait in a topic's queue.
func count(t testing.TB, topology rabbit.Topology, topic string) int {
	t.Helper()
	depths, err := topology.Depths(context.Background(), rabbittest.URL(t))
	require.NoError(t, err)
	for _, depth := range depths {
		if depth.Queue == topology.Prefix+topic {
			return depth.Messages
		}
	}
	require.FailNow(t, "no queue for "+topic)
	return 0
}

// within fails the test when work takes longer than it may.
func within(t testing.TB, limit time.Duration, work func()) {
	t.Helper()
	start := time.Now()
	work()
	require.Less(t, time.Since(start), limit)
}

func TestPublisherReportsAnUnroutableHit(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	for _, topic := range []string{"nobody", "retry.1s/nobody", "retries/clicks", ""} {
		err := publisher.Publish(topic, hits(1)...)
		require.ErrorIs(t, err, rabbit.ErrUnroutable, "topic %q", topic)
		require.Equal(t, failure.Outage, failure.Of(err))
	}
	require.ErrorIs(t, publisher.Publish("nobody", hits(3)...), rabbit.ErrUnroutable, "a batch as well")
	require.NoError(t, publisher.Publish("clicks", hits(1)...), "the verdict belongs to its own message only")
	require.Equal(t, 1, count(t, topology, "clicks"))
}

func TestPublisherReportsAMissingTopology(t *testing.T) {
	t.Parallel()
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: rabbit.Topology{Prefix: "never.declared.", Topics: topics("clicks")}})
	err := publisher.Publish("clicks", hits(1)...)
	require.ErrorIs(t, err, rabbit.ErrUnroutable)
	require.ErrorContains(t, err, "integr8 topology")
	require.True(t, publisher.Ready(), "the connection is fine")
}

func TestPublisherReportsAHitThatAFullQueueRefuses(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{MaxBytes: 1000})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	var err error
	accepted := 0
	for ; err == nil && accepted < 100; accepted++ {
		err = publisher.Publish("clicks", message.NewMessage("id", make([]byte, 500)))
	}
	require.ErrorIs(t, err, rabbit.ErrNacked)
	require.Equal(t, failure.Outage, failure.Of(err))
	require.NoError(t, publisher.Publish("postbacks", hits(1)...), "another queue has room")

	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	for range accepted - 1 {
		receive(t, messages).Ack()
	}
	require.Eventually(t, func() bool { return publisher.Publish("clicks", hits(1)...) == nil }, testTimeout, 10*time.Millisecond)
}

func TestPublisherRefusesWhatAMQPCannotCarry(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	longKey := message.NewMessage("id", nil)
	longKey.Metadata.Set(strings.Repeat("k", 256), "value")
	for name, msg := range map[string]*message.Message{
		"too large":  message.NewMessage("id", make([]byte, rabbit.MaxMessageBytes)),
		"a long key": longKey,
	} {
		err := publisher.Publish("clicks", msg)
		require.ErrorIs(t, err, rabbit.ErrUnsendable, name)
		require.Equal(t, failure.Permanent, failure.Of(err), name)
	}
	limit := message.NewMessage("id", nil)
	limit.Metadata.Set(strings.Repeat("k", 255), strings.Repeat("v", 1000))
	require.NoError(t, publisher.Publish("clicks", limit), "the connection was not harmed")
}

// flushes collects what a Publisher observed.
type flushes struct {
	mu   sync.Mutex
	seen []rabbit.Flush
}

func (f *flushes) observe(flush rabbit.Flush) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, flush)
}

func (f *flushes) sizes() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	var sizes []int
	for _, flush := range f.seen {
		sizes = append(sizes, flush.Hits)
	}
	return sizes
}

func TestHitsThatWaitForAConfirmLeaveTogether(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	proxy := rabbittest.NewProxy(t)
	var seen flushes
	publisher := newPublisher(t, rabbit.PublisherOptions{URL: proxy.URL, Topology: topology, Outstanding: 1, Observe: seen.observe})
	require.NoError(t, publisher.Publish("clicks", hits(1)...))
	require.Equal(t, []int{1}, seen.sizes(), "a hit alone leaves alone")

	proxy.Hang()
	var callers sync.WaitGroup
	arrived := make(chan struct{})
	for range 101 {
		callers.Go(func() {
			arrived <- struct{}{}
			if err := publisher.Publish("clicks", hits(1)...); err != nil {
				t.Error(err)
			}
		})
	}
	for range 101 {
		<-arrived
	}
	proxy.Pass()
	callers.Wait()
	total := 0
	for _, size := range seen.sizes() {
		total += size
	}
	require.Equal(t, 102, total)
	require.Less(t, len(seen.sizes()), 60)
	require.Equal(t, len(seen.sizes()), count(t, topology, "clicks"))
	for _, flush := range seen.seen {
		require.Equal(t, "clicks", flush.Topic)
		require.Positive(t, flush.Bytes)
		require.Positive(t, flush.Took)
		require.NoError(t, flush.Err)
	}
}

func TestABatchKeepsToItemsAndBytes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options rabbit.PublisherOptions
		want    []int
	}{
		"items":            {rabbit.PublisherOptions{MaxItems: 4}, []int{4, 4, 2}},
		"one hit each":     {rabbit.PublisherOptions{MaxItems: 1}, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		"bytes":            {rabbit.PublisherOptions{MaxBytes: 3500}, []int{3, 3, 3, 1}},
		"all that wait":    {rabbit.PublisherOptions{}, []int{10}},
		"one larger alone": {rabbit.PublisherOptions{MaxBytes: 500}, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var seen flushes
			test.options.Topology = declare(t, rabbit.Topology{})
			test.options.Observe = seen.observe
			test.options.Outstanding = 1
			publisher := newPublisher(t, test.options)
			batch := hits(10)
			for _, msg := range batch {
				msg.Payload = make([]byte, 1000)
			}
			require.NoError(t, publisher.Publish("clicks", batch...))
			require.Equal(t, test.want, seen.sizes())
		})
	}
}

func TestManyPublishersLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	const callers, each = 50, 100
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for _, msg := range hits(each) {
				if err := publisher.Publish("clicks", msg); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	seen := map[string]bool{}
	for range callers * each {
		msg := receive(t, messages)
		require.False(t, seen[msg.UUID], "%s came twice", msg.UUID)
		seen[msg.UUID] = true
		msg.Ack()
	}
	require.Zero(t, count(t, topology, "clicks"))
}

func TestCloseWaitsForPublishesUnderWay(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	results := make(chan error, 200)
	for range cap(results) {
		go func() { results <- publisher.Publish("clicks", hits(1)...) }()
	}
	require.NoError(t, <-results)
	require.NoError(t, publisher.Close())
	confirmed := 1
	for range cap(results) - 1 {
		if err := <-results; err == nil {
			confirmed++
		} else {
			require.ErrorIs(t, err, rabbit.ErrClosed)
			require.Equal(t, failure.Shutdown, failure.Of(err))
		}
	}
	got := 0
	messages := subscribe(t, newSubscriber(t, rabbit.SubscriberOptions{Topology: topology}), "clicks")
	for ; got < confirmed; got++ {
		receive(t, messages).Ack()
	}
	require.Zero(t, count(t, topology, "clicks"), "what was not confirmed was not sent")
	require.False(t, publisher.Ready())
	require.NoError(t, publisher.Close(), "again")
}

func TestInvalidURLsAreRefusedWithoutThePassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", " ", "not an address", "http://user:s3cret@host/", "amqp://user:s3cret@host:port/", "amqp://user:s3#cret@host/",
		"amqp://user:s3/cret@host/", "amqp://u:s3cret@host/,", "amqp://u:s3%cret@host/", "amqp://u:s3@cret@host/",
	} {
		_, err := rabbit.NewPublisher(rabbit.PublisherOptions{URL: url})
		require.Error(t, err, url)
		require.NotContains(t, err.Error(), "cret")
		_, err = rabbit.NewSubscriber(rabbit.SubscriberOptions{URL: url})
		require.Error(t, err, url)
		err = rabbit.Topology{}.Check(t.Context(), url)
		require.Error(t, err, url)
		require.NotContains(t, err.Error(), "cret")
	}
}

func TestThePasswordIsInNoLogAndNoError(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	go func() { // a server that is not a broker
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
			_ = conn.Close()
		}
	}()
	_, broker, found := strings.Cut(rabbittest.URL(t), "@")
	require.True(t, found)
	for _, url := range []string{
		fmt.Sprintf("amqp://guest:s3cret@%s/", listener.Addr()),
		"amqp://guest:s3cret@127.0.0.1:1/",
		"amqp://guest:s3cret@no.such.host.invalid/",
		"amqp://guest:s3cret@" + broker,
	} {
		var log bytes.Buffer
		publisher, err := rabbit.NewPublisher(rabbit.PublisherOptions{URL: url, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		require.NoError(t, err)
		err = publisher.Publish("clicks", hits(1)...)
		require.ErrorIs(t, err, rabbit.ErrUnavailable)
		require.NoError(t, publisher.Close())
		require.NotContains(t, err.Error(), "s3cret")
		require.NotContains(t, log.String(), "s3cret")
		require.Contains(t, log.String(), "no connection to the broker")
	}
}
