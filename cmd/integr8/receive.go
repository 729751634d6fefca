package main

import (
	"context"
	"fmt"
	"net/netip"

	"integr8/handlers"
	"integr8/pipeline/receiver"
)

// receiveCommand runs the doors.
type receiveCommand struct{}

// Run serves until ctx ends.
func (receiveCommand) Run(ctx context.Context, app *app) error {
	p, err := newProcess(ctx, app)
	if err != nil {
		return err
	}
	if err := p.addReceiver(); err != nil {
		return err
	}
	return p.run(ctx)
}

// addReceiver adds the HTTP doors to the process.
func (p *process) addReceiver() error {
	proxies := make([]netip.Prefix, len(p.settings.TrustedProxies))
	for i, proxy := range p.settings.TrustedProxies {
		proxies[i] = proxy.Prefix
	}
	doors, err := receiver.New(receiver.Options{
		Queue:          receiver.PublisherQueue{Publisher: p.publisher},
		Directory:      handlers.NewDoors(p.reference),
		Keys:           p.keys,
		Clock:          faultyClock(),
		TrustedProxies: proxies,
		MaxURLBytes:    int(p.settings.MaxURLBytes),
		MaxBodyBytes:   int(p.settings.MaxBodyBytes),
		PublishTimeout: p.settings.ConfirmTimeout,
		Logger:         p.logger,
		Observe: func(o receiver.Observation) {
			p.metrics.Request(string(o.Kind), string(o.Result), string(o.Refusal), o.Status, o.Duration)
			if o.TokenLeaked {
				p.metrics.TokenLeak()
			}
		},
	})
	if err != nil {
		return fmt.Errorf("make the receiver: %w", err)
	}
	p.parts = append(p.parts, func(ctx context.Context) error {
		// Without reference data every tracking link would be answered 404.
		select {
		case <-p.reference.Loaded():
		case <-ctx.Done():
			return nil
		}
		return p.serve(ctx, "hits", receiver.NewServer(p.settings.Addr, doors, p.logger))
	})
	return nil
}
