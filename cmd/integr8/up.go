package main

import (
	"context"
	"errors"
)

// upCommand runs a receiver and a worker in one process.
type upCommand struct{}

// Run serves and handles hits until ctx ends.
func (upCommand) Run(ctx context.Context, app *app) error {
	p, err := newProcess(ctx, app, (*process).openSpool)
	if err != nil {
		return err
	}
	if err := errors.Join(p.addReceiver(), p.addWorker()); err != nil {
		return errors.Join(err, p.abandon())
	}
	// The doors are open whether or not the worker beside them can work.
	p.tolerate("handling", "hits wait")
	return p.run(ctx)
}
