package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"integr8/handlers"
	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/receiver"
)

// diskTimeout is how long the disk may take for a hit that the broker did not
// take, before its sender is told to come again.
const diskTimeout = 5 * time.Second

// addReceiver adds the HTTP doors to the process.
func (p *process) addReceiver() error {
	options := p.options.Receiver
	connections, err := connectionsWithinLimit(options.MaxConnections)
	if err != nil {
		return err
	}
	doors, err := receiver.New(receiver.Options{
		Queue:          p.addSpool(),
		Directory:      handlers.NewDoors(p.reference),
		Keys:           p.options.Keys,
		LacksKey:       func() bool { return p.secrets.err() != nil },
		Clock:          p.options.Clock,
		TrustedProxies: options.TrustedProxies,
		MaxURLBytes:    options.MaxURLBytes,
		MaxBodyBytes:   options.MaxBodyBytes,
		MaxPerSender:   options.MaxPerSender,

		MaxConnections:          connections,
		MaxConnectionsPerSender: options.MaxConnectionsPerSender,
		MaxBytesUnderWay:        options.MaxBytesUnderWay,

		JunkPerSecond:  options.JunkPerSecond,
		JunkPerNetwork: options.JunkPerNetwork,
		PublishTimeout: options.SpoolAfter + diskTimeout,
		Logger:         p.logger,
		Observe:        p.observeRequest,
		ObserveJunk:    p.observeJunk,
	})
	if err != nil {
		return fmt.Errorf("make the receiver: %w", err)
	}
	p.addDoorMetrics()
	p.metrics.WatchConnections(func() monitor.Connections {
		state := doors.Connections()
		return monitor.Connections{Open: state.Open, Bound: connections, Bytes: state.Bytes, Evicted: state.Evicted}
	})
	p.add(component{name: "doors", run: func(ctx context.Context) error {
		if !p.awaitDoors(ctx) {
			return nil
		}
		return p.serveHits(ctx, receiver.NewServer(doors))
	}})
	return nil
}

// awaitDoors waits until the doors may open; false when ctx ends first. Without
// reference data every tracking link would be answered 404. With secrets that are not
// those of the others a receiver would refuse genuine ids, and sign some that nobody
// else can verify.
func (p *process) awaitDoors(ctx context.Context) bool {
	for _, ready := range []<-chan struct{}{p.reference.Usable(), p.secrets.settled} {
		select {
		case <-ready:
		case <-ctx.Done():
			return false
		}
	}
	p.awaitBroker(ctx)
	return true
}

// firstConnect is how long the doors stay shut at the start for the broker: a
// connection to one that is there takes milliseconds.
const firstConnect = time.Second

// awaitBroker waits for the outcome of the first attempt to connect, so that
// the first hits of a receiver do not take the way over the disk for nothing.
func (p *process) awaitBroker(ctx context.Context) {
	over := time.After(firstConnect)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for errors.Is(p.publisher.Err(), rabbit.ErrConnecting) {
		select {
		case <-look.C:
		case <-over:
			return
		case <-ctx.Done():
			return
		}
	}
}
