package cluster_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
)

// traffic continuously publishes and consumes through a cluster, and records what was
// confirmed and what was delivered.
type traffic struct {
	// silence ends the publishing, close everything.
	silence func()
	close   func() error

	mu        sync.Mutex
	confirmed map[string]bool
	delivered map[string]bool
	// outages counts messages that were refused temporarily; unexpected holds other
	// failures.
	outages    int
	unexpected []error
}

// newTraffic starts the traffic. The caller must end it with end and close.
func newTraffic(t *testing.T, urls string) *traffic {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	publisher, err := rabbit.NewPublisher(rabbit.PublisherOptions{URL: urls, ConfirmTimeout: 2 * time.Second, Logger: quiet})
	require.NoError(t, err)
	subscriber, err := rabbit.NewSubscriber(rabbit.SubscriberOptions{URL: urls, DrainTimeout: time.Second, Logger: quiet})
	require.NoError(t, err)
	f := &traffic{confirmed: map[string]bool{}, delivered: map[string]bool{}}
	messages, err := subscriber.Subscribe(context.Background(), hit.TopicPostbacks)
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(context.Background())
	var publishing, consuming sync.WaitGroup
	for range 4 {
		publishing.Go(func() { f.publish(ctx, publisher) })
	}
	consuming.Go(func() { f.consume(messages) })
	f.silence = sync.OnceFunc(func() {
		cancel()
		publishing.Wait()
	})
	f.close = func() error {
		f.silence()
		err := errors.Join(publisher.Close(), subscriber.Close())
		consuming.Wait()
		return err
	}
	return f
}

func (f *traffic) publish(ctx context.Context, publisher *rabbit.Publisher) {
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	for {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return
		}
		msg := message.NewMessage(watermill.NewUUID(), []byte("postback"))
		err := publisher.Publish(hit.TopicPostbacks, msg)
		f.mu.Lock()
		switch {
		case err == nil:
			f.confirmed[msg.UUID] = true
		case failure.Of(err) != failure.Outage:
			f.unexpected = append(f.unexpected, err)
		default:
			f.outages++
		}
		f.mu.Unlock()
	}
}

func (f *traffic) consume(messages <-chan *message.Message) {
	for msg := range messages {
		f.mu.Lock()
		f.delivered[msg.UUID] = true
		f.mu.Unlock()
		msg.Ack()
	}
}

// counts returns how many messages were confirmed and delivered so far.
func (f *traffic) counts() (confirmed, delivered int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.confirmed), len(f.delivered)
}

// goesOn waits until more messages have been confirmed, and delivered, than could have
// been under way before.
func (f *traffic) goesOn(t *testing.T) {
	t.Helper()
	begin := time.Now()
	confirmedBefore, deliveredBefore := f.counts()
	for what, more := range map[string]func() bool{
		"confirmed": func() bool { confirmed, _ := f.counts(); return confirmed > confirmedBefore+200 },
		"delivered": func() bool { _, delivered := f.counts(); return delivered > deliveredBefore+200 },
	} {
		require.Eventually(t, more, patience, tick, "nothing more is %s", what)
		t.Logf("200 more %s after %s", what, time.Since(begin).Round(time.Millisecond))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	require.Empty(t, f.unexpected)
	t.Logf("%d confirmed and %d refused so far", len(f.confirmed), f.outages)
}

// settled ends the publishing and waits until all confirmed messages have been
// delivered.
func (f *traffic) settled(t *testing.T) {
	t.Helper()
	f.silence()
	require.Eventually(t, func() bool { return len(f.missing()) == 0 }, patience, tick,
		"confirmed and never delivered")
	confirmed, delivered := f.counts()
	t.Logf("%d confirmed, %d delivered", confirmed, delivered)
}

// missing returns the messages that were confirmed and not delivered yet.
func (f *traffic) missing() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for id := range f.confirmed {
		if !f.delivered[id] {
			ids = append(ids, id)
		}
	}
	return ids
}
