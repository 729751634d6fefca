package main

import "context"

// upCommand runs a receiver and a worker in one process.
type upCommand struct{}

// Run serves and handles hits until ctx ends.
func (upCommand) Run(ctx context.Context, app *app) error {
	p, err := newProcess(ctx, app)
	if err != nil {
		return err
	}
	if err := p.addReceiver(); err != nil {
		return err
	}
	if err := p.addWorker(); err != nil {
		return err
	}
	return p.run(ctx)
}
