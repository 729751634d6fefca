// Package app is the processes of integr8: the receiver, which takes hits in, the
// worker, which decides them, and the HTTP API. A program that is not the command line runs them
// as well:
//
//	options := app.Defaults()
//	options.DatabaseURL, options.AMQPURL, options.Keys = ..
//	err := app.New(options).Run(ctx)
package app

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// App is a receiver, a worker, the HTTP API, or several of them in one process.
type App struct {
	options          Options
	hits, admin, web address
	ended            chan struct{}
}

// New makes an App. It opens and checks nothing: that is done by Run.
func New(options Options) *App {
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	return &App{options: options, hits: newAddress(), admin: newAddress(), web: newAddress(), ended: make(chan struct{})}
}

// Run works until ctx ends, and then stops in good order: what takes hits in and
// decides them finishes what it has under way within ShutdownTimeout, then the way to
// the broker closes, then the spool, and last the admin address. It may be called
// once.
//
// It returns an error at once where an option is wrong, an address or the spool
// directory is taken, or a server has no schema or no queues of ours; an outage of a
// server is waited for. failure.Hint returns what to do about an error. No error holds
// a password or a service secret, but those of the drivers may quote a URL's host.
func (a *App) Run(ctx context.Context) (err error) {
	defer close(a.ended)
	p := a.process()
	if err := p.assemble(ctx); err != nil {
		return errors.Join(err, p.abandon())
	}
	if err := p.run(ctx); err != nil {
		return err
	}
	p.logger.Info("stopped")
	return nil
}

// HitsAddr waits until the doors are open and returns their address, with the port
// that was taken for port 0. They open once reference data and the service secrets of
// the other processes are known. It returns an error when ctx ends or Run does.
func (a *App) HitsAddr(ctx context.Context) (string, error) { return a.hits.await(ctx, a.ended) }

// AdminAddr waits until the admin address is taken and returns it.
func (a *App) AdminAddr(ctx context.Context) (string, error) { return a.admin.await(ctx, a.ended) }

// WebAddr waits until the address of the HTTP API is taken and returns it.
func (a *App) WebAddr(ctx context.Context) (string, error) { return a.web.await(ctx, a.ended) }
