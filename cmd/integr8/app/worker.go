package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/books"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/queue"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/worker"
	"integr8/sql/store"
)

// addWorker adds the handlers, and the housekeeping beside them, to the process.
func (p *process) addWorker() error {
	paused := p.newPauseWatch()
	subscriber, err := rabbit.NewSubscriber(rabbit.SubscriberOptions{
		URL: p.options.AMQPURL, Topology: p.options.Topology, Prefetch: p.options.Worker.Prefetch,
		DrainTimeout: p.options.ShutdownTimeout, Logger: p.logger, Pauses: paused.pauses,
		IsHit: func(msg *message.Message) bool { return !books.IsStatement(msg.Payload) },
	})
	if err != nil {
		return fmt.Errorf("prepare to subscribe: %w", err)
	}
	p.flows = subscriber.Flows
	options := handlers.Options{
		Directory:  handlers.NewDirectory(p.reference, p.store),
		Records:    faultyRecords(p.store),
		Queue:      queue.Direct{Publisher: p.publisher},
		Keys:       p.options.Keys,
		LateClicks: p.options.Worker.LateClicks,
		LateGrace:  p.options.Worker.LateGrace,
		Observe:    p.observe,

		ObserveCommit: p.metrics.Commit,
	}
	postbacks := handlers.NewPostbacks(options)
	clicks := handlers.NewClicks(options, postbacks)
	archiver := handlers.NewArchiver(p.store, p.reference, p.observeRecord)
	archive := func(ctx context.Context, h *hit.Hit, letter worker.DeadLetter) error {
		if err := archiver.Archive(ctx, h, letter); err != nil {
			return err
		}
		if h == nil {
			p.observeUndecodable()
		}
		return nil
	}
	ready := required(p.checkHold)
	if p.options.Receiver != nil {
		// The doors are open whether or not the worker beside them can work.
		ready = ready.tolerated("hits wait")
	}
	attempts := newAttemptLog(p.store, p.reference.Current, p.logger)
	handling := worker.Options{
		Subscriber: subscriber,
		Publisher:  p.publisher,
		Topology:   p.options.Topology,
		Routes: []worker.Route{
			p.hitRoute(hit.TopicClicks, faultyHandler(clicks.Handle), archive),
			p.hitRoute(hit.TopicPostbacks, faultyHandler(postbacks.Handle), archive),
		},
		DrainTimeout: p.options.ShutdownTimeout,
		Logger:       p.logger,
		Observe:      p.observeAttempt,
		ObserveHold:  p.hold.Store,

		ObserveFailure: p.failures.add,
		ObserveRetry:   attempts.add,
	}
	p.addWorkerMetrics(handling.Routes)
	sweeper := p.sweeper(postbacks)
	p.add(
		component{name: "handling", close: subscriber.Close, ready: ready, run: func(ctx context.Context) error {
			if !p.awaitReference(ctx) || !paused.await(ctx) {
				return nil
			}
			// The database may have been away when the process started.
			if err := p.checkSchemaAgain(ctx); err != nil {
				return err
			}
			return worker.Run(ctx, handling)
		}},
		component{name: "attempts", stops: stating, run: attempts.run},
		component{name: "pauses", run: paused.run},
		component{name: "sweeper", run: func(ctx context.Context) error {
			if p.awaitReference(ctx) {
				sweeper.Run(ctx)
			}
			return nil
		}},
		component{name: "housekeeping", run: p.keepHouse},
		component{name: "indexes", run: p.mendIndexes},
		component{name: "unique orders", run: p.completeSwitches},
		component{name: "dead letters", run: p.forgetDeadLetters},
	)
	return nil
}

// hitRoute returns the route of a topic of hits, with the statements about them.
func (p *process) hitRoute(topic string, handle worker.Handler[*hit.Hit], archive worker.Archive[*hit.Hit]) worker.Route {
	return worker.NewRoute(topic, handlers.DecodeArrival, handlers.Arrivals(p.store, handle), handlers.ArchiveArrivals(p.store, archive))
}

// observe counts and logs what was decided about a hit. An undecodable one was
// stored in a form that cannot be read again: an operator must look at it.
func (p *process) observe(r *attribution.Record) {
	p.observeRecord(r)
	h, decision := r.Hit, r.Decision
	if decision.Reason == outcome.Undecodable {
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
		Waits:     p.store,
		Begin: func(ctx context.Context) (handlers.Sweep, error) {
			sweep, err := p.store.BeginSweep(ctx)
			if sweep == nil {
				return nil, err // no interface around nothing
			}
			return sweep, err
		},
		Grace: p.options.Worker.LateGrace,
		Backlog: func(ctx context.Context) (rabbit.Backlog, error) {
			return p.options.Topology.Backlog(ctx, p.options.AMQPURL, hit.TopicClicks)
		},
		Report: func(err error) {
			p.logger.Warn("not all waiting postbacks were looked at, trying again soon", "error", err)
		},
	})
}

// checkSchemaAgain returns an error where the schema is not that of this program. What
// cannot be seen now is no error.
func (p *process) checkSchemaAgain(ctx context.Context) error {
	var differs *store.SchemaError
	if err := p.store.CheckSchema(ctx); errors.As(err, &differs) {
		return failure.WithHint(err, differs.Hint())
	}
	return nil
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
