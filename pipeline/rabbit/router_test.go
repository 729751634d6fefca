package rabbit_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
)

// A Router stops by cancelling the context it subscribed with, while its
// handlers work. Hits that they finish must not be delivered again.
func TestARouterThatStopsFinishesWhatItHasUnderWay(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	const total = 40
	require.NoError(t, publisher.Publish("clicks", hits(total)...))
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology, DrainTimeout: testTimeout})

	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: testTimeout}, watermill.NopLogger{})
	require.NoError(t, err)
	started, finish := make(chan struct{}, total), make(chan struct{})
	var handled atomic.Int32
	router.AddConsumerHandler("clicks", "clicks", subscriber, func(msg *message.Message) error {
		started <- struct{}{}
		<-finish
		if err := msg.Context().Err(); err != nil {
			return err
		}
		handled.Add(1)
		return nil
	})
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- router.Run(ctx) }()
	for range total {
		<-started
	}
	stop()
	<-ctx.Done()
	close(finish)
	require.NoError(t, <-ran)
	require.NoError(t, subscriber.Close())
	require.EqualValues(t, total, handled.Load())
	left(t, topology, "clicks", 0)
}

func TestAHandlerThatFailsGetsTheHitAgain(t *testing.T) {
	t.Parallel()
	topology := declare(t, rabbit.Topology{})
	publisher := newPublisher(t, rabbit.PublisherOptions{Topology: topology})
	require.NoError(t, publisher.Publish("clicks", hits(20)...))
	subscriber := newSubscriber(t, rabbit.SubscriberOptions{Topology: topology})
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: time.Second}, watermill.NopLogger{})
	require.NoError(t, err)
	var attempts atomic.Int32
	done := make(chan struct{}, 100)
	router.AddConsumerHandler("clicks", "clicks", subscriber, func(*message.Message) error {
		if attempts.Add(1)%3 == 0 {
			return errors.New("this time not")
		}
		done <- struct{}{}
		return nil
	})
	ran := make(chan error)
	go func() { ran <- router.Run(t.Context()) }()
	for range 20 {
		<-done
	}
	require.NoError(t, router.Close())
	require.NoError(t, <-ran)
	require.NoError(t, subscriber.Close())
	require.EqualValues(t, 29, attempts.Load())
	left(t, topology, "clicks", 0)
}
