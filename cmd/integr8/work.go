package main

import (
	"context"
	"errors"
	"fmt"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/receiver"
	"integr8/pipeline/worker"
)

// workCommand runs the handlers.
type workCommand struct{}

// Run handles hits until ctx ends.
func (workCommand) Run(ctx context.Context, app *app) error {
	p, err := newProcess(ctx, app)
	if err != nil {
		return err
	}
	if err := p.addWorker(); err != nil {
		return errors.Join(err, p.abandon())
	}
	return p.run(ctx)
}

// addWorker adds the handlers, and what keeps house beside them, to the
// process.
func (p *process) addWorker() error {
	subscriber, err := rabbit.NewSubscriber(rabbit.SubscriberOptions{
		URL: p.amqpURL, Topology: p.topology, Prefetch: p.settings.Prefetch,
		DrainTimeout: p.settings.ShutdownTimeout, Logger: p.logger,
	})
	if err != nil {
		return fmt.Errorf("prepare to subscribe: %w", err)
	}
	options := handlers.Options{
		Directory:  handlers.NewDirectory(p.reference, p.store),
		Records:    faultyRecords(p.store),
		Queue:      receiver.PublisherQueue{Publisher: p.publisher},
		Keys:       p.keys,
		LateClicks: p.settings.LateClicks,
		LateGrace:  p.settings.LateGrace,
		Observe:    p.observe,

		ObserveCommit: p.metrics.Commit,
	}
	p.addWorkerMetrics()
	postbacks := handlers.NewPostbacks(options)
	clicks := handlers.NewClicks(options, postbacks)
	archiver := handlers.NewArchiver(p.store, p.reference)
	p.checks["handling"] = p.checkHold

	p.parts = append(p.parts, func(ctx context.Context) error {
		if !p.awaitReference(ctx) {
			return subscriber.Close()
		}
		err := worker.Run(ctx, worker.Options{
			Subscriber: subscriber,
			Publisher:  p.publisher,
			Handlers: map[string]worker.Handler{
				hit.TopicClicks:    faultyHandler(clicks.Handle),
				hit.TopicPostbacks: faultyHandler(postbacks.Handle),
			},
			Archive: func(ctx context.Context, letter worker.DeadLetter) error {
				if err := archiver.Archive(ctx, letter); err != nil {
					return err
				}
				p.observeDead(letter)
				return nil
			},
			DrainTimeout: p.settings.ShutdownTimeout,
			Logger:       p.logger,
			Observe:      p.observeAttempt,
			ObserveHold:  p.hold.Store,
		})
		return errors.Join(err, subscriber.Close())
	}, func(ctx context.Context) error {
		if !p.awaitReference(ctx) {
			return nil
		}
		p.sweeper(postbacks).Run(ctx)
		return nil
	}, p.keepHouse, p.forgetDeadLetters, p.serveStatus(subscriber.Flows))
	return nil
}

// observe counts and logs what was decided about a hit. An undecodable one was
// stored in a form that cannot be read again: an operator must look at it.
func (p *process) observe(h *hit.Hit, decision attribution.Decision) {
	p.metrics.Outcome(decisionLabels(h.Kind, decision.Outcome, decision.Reason))
	if decision.Reason == attribution.Undecodable {
		p.logger.Error("a stored hit cannot be read again and is a dead letter now", "receipt", h.ID, "kind", h.Kind)
		return
	}
	p.logger.Debug("decided", "receipt", h.ID, "kind", h.Kind, "outcome", decision.Outcome,
		"reason", decision.Reason, "account", decision.AccountID, "offer", decision.OfferID)
}

// sweeper makes what ends the waits of postbacks.
func (p *process) sweeper(postbacks *handlers.Postbacks) *handlers.Sweeper {
	return handlers.NewSweeper(handlers.SweeperOptions{
		Postbacks: postbacks,
		Room:      p.store,
		Grace:     p.settings.LateGrace,
		Backlog: func(ctx context.Context) (rabbit.Backlog, error) {
			return p.topology.Backlog(ctx, p.amqpURL, hit.TopicClicks)
		},
		Report: func(err error) {
			p.logger.Warn("not all waiting postbacks were looked at, trying again soon", "error", err)
		},
	})
}

// awaitReference waits for reference data from the database; false when ctx
// ends first. A worker decides nothing by what a receiver kept on disk: terms
// may have changed since.
func (p *process) awaitReference(ctx context.Context) bool {
	select {
	case <-p.reference.Loaded():
		return true
	case <-ctx.Done():
		return false
	}
}
