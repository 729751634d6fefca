package stock

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"

	"integr8/handlers"
	"integr8/pipeline/queue"
	"integr8/pipeline/receiver"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

// ReceiveOptions set up a receiver of the baseline.
type ReceiveOptions struct {
	DatabaseURL, AMQPURL string
	Keys                 token.Keys
	Addr                 string
	// Channels is the size of the publisher's pool, and therefore how many hits may wait
	// for their confirm at once.
	Channels int
	Logger   *slog.Logger
}

// Receive serves the doors until ctx ends.
func Receive(ctx context.Context, options ReceiveOptions) (err error) {
	opened, err := store.Open(options.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	reference, stop, err := referenceData(ctx, opened, options.Logger)
	if err != nil {
		cancel()
		return err
	}
	defer stop()
	defer cancel()

	publishing := config(options.AMQPURL)
	publishing.Publish.ConfirmDelivery = true
	publishing.Publish.ChannelPoolSize = options.Channels
	publisher, err := amqp.NewPublisher(publishing, watermillLogger(options.Logger))
	if err != nil {
		return fmt.Errorf("make the publisher: %w", err)
	}
	defer func() { err = errors.Join(err, publisher.Close()) }()

	doors, err := receiver.New(receiver.Options{
		Queue:     queue.Direct{Publisher: publisher},
		Directory: handlers.NewDoors(reference),
		Keys:      options.Keys,
		Logger:    options.Logger,
	})
	if err != nil {
		return fmt.Errorf("make the doors: %w", err)
	}
	return Serve(ctx, options.Addr, receiver.NewServer(doors))
}

// Server is an HTTP server: net/http's, or that of a receiver.
type Server interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
}

// Serve runs a server until ctx ends.
func Serve(ctx context.Context, addr string, server Server) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	})
	err = server.Serve(listener)
	if stop() {
		return fmt.Errorf("serve: %w", err)
	}
	return <-stopped
}
