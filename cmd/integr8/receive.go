package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"integr8/handlers"
	"integr8/pipeline/monitor"
	"integr8/pipeline/receiver"
)

// receiveCommand runs the doors.
type receiveCommand struct{}

// Run serves until ctx ends.
func (receiveCommand) Run(ctx context.Context, app *app) error {
	p, err := newProcess(ctx, app, (*process).openSpool)
	if err != nil {
		return err
	}
	if err := p.addReceiver(); err != nil {
		return errors.Join(err, p.abandon())
	}
	p.parts = append(p.parts, p.serveStatus(nil))
	return p.run(ctx)
}

// diskTimeout is how long the disk may take for a hit that the broker did not
// take, before its sender is told to come again.
const diskTimeout = 5 * time.Second

// addReceiver adds the HTTP doors to the process.
func (p *process) addReceiver() error {
	proxies := make([]netip.Prefix, len(p.settings.TrustedProxies))
	for i, proxy := range p.settings.TrustedProxies {
		proxies[i] = proxy.Prefix
	}
	connections, err := p.settings.connections()
	if err != nil {
		return err
	}
	doors, err := receiver.New(receiver.Options{
		Queue:          p.addSpool(),
		Directory:      handlers.NewDoors(p.reference),
		Keys:           p.keys,
		LacksKey:       func() bool { return p.secrets.err() != nil },
		Clock:          faultyClock(),
		TrustedProxies: proxies,
		MaxURLBytes:    int(p.settings.MaxURLBytes),
		MaxBodyBytes:   int(p.settings.MaxBodyBytes),
		MaxPerSender:   p.settings.MaxPerSender,

		MaxConnections:          connections,
		MaxConnectionsPerSender: p.settings.MaxConnsPerSender,
		MaxBytesUnderWay:        int(p.settings.MaxBytesUnderWay),

		JunkPerSecond:  p.settings.JunkRate,
		JunkPerNetwork: p.settings.JunkRatePerNetwork,
		PublishTimeout: p.settings.SpoolAfter + diskTimeout,
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
	p.parts = append(p.parts, func(ctx context.Context) error {
		// Without reference data every tracking link would be answered 404.
		// With secrets that are not those of the others it would refuse
		// genuine ids, and sign some that nobody else can verify.
		for _, ready := range []<-chan struct{}{p.reference.Usable(), p.secrets.settled} {
			select {
			case <-ready:
			case <-ctx.Done():
				return nil
			}
		}
		p.awaitBroker(ctx)
		return p.serveHits(ctx, receiver.NewServer(doors))
	})
	return nil
}
