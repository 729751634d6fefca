package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"integr8/handlers/operate/version"
	"integr8/pipeline/failure"
	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/spool"
	"integr8/pipeline/worker"
	"integr8/sql/store"
)

const (
	// longestSilence is how long the database may be silent in the middle of a
	// statement. It is above the time that a batch may take, so that an end in
	// good order comes first.
	longestSilence = 25 * time.Second
	// startCheck bounds the look at the servers when a process starts: a receiver
	// does not keep its senders waiting for one that hangs.
	startCheck = 5 * time.Second
)

// process is what receiver and worker share: the servers, the reference data, metrics
// and the admin address.
type process struct {
	lifecycle
	options          Options
	logger           *slog.Logger
	hits, admin, web address

	store     *store.Store
	publisher *rabbit.Publisher
	// reference and secrets are nil for a process that takes no hits in and decides none.
	reference *store.Reference
	secrets   *secretCheck
	metrics   *monitor.Metrics
	// adminListener has the admin address until it is served.
	adminListener net.Listener
	// spool is nil for a process without doors, as referenceFile is empty.
	spool         *spool.Log
	referenceFile string
	// flows is nil for a process that handles nothing.
	flows func() map[string]rabbit.Flow
	// failures are the newest errors of attempts, by topic.
	failures lastFailures
	// hold is why handling is held; nil while it is not.
	hold atomic.Pointer[worker.Hold]
}

func (a *App) process() *process {
	metrics := monitor.NewMetrics(a.options.Topology.QueueNames()...)
	built := version.Read()
	metrics.ShowBuild(monitor.Build{Version: built.Version, Revision: built.Revision, Go: built.Go})
	return &process{
		lifecycle: lifecycle{logger: a.options.Logger},
		options:   a.options, logger: a.options.Logger, hits: a.hits, admin: a.admin, web: a.web,
		metrics: metrics,
	}
}

// assemble opens what the process needs and makes its components. What must be this
// process's alone is taken before anything else begins.
func (p *process) assemble(ctx context.Context) error {
	if err := p.options.Admin.check(); err != nil {
		return err
	}
	if err := p.openStore(); err != nil {
		return err
	}
	if p.options.Receiver != nil {
		if err := p.openSpool(); err != nil {
			return err
		}
	}
	if p.options.Receiver != nil || p.options.Worker != nil {
		p.addReference()
	}
	if err := p.checkServers(ctx); err != nil {
		return err
	}
	if err := p.openPublisher(); err != nil {
		return err
	}
	// Before any component runs: a worker that cannot have its admin address takes no
	// hits from the others.
	if err := p.openAdmin(ctx); err != nil {
		return err
	}
	if p.options.Web != nil {
		if err := p.addWeb(ctx); err != nil {
			return err
		}
		if err := p.addJobs(); err != nil {
			return err
		}
	}
	if p.options.Receiver != nil {
		if err := p.addReceiver(); err != nil {
			return err
		}
	}
	if p.options.Worker != nil {
		if err := p.addWorker(); err != nil {
			return err
		}
	}
	p.add(component{name: "status", run: p.serveStatus})
	return nil
}

// openStore connects to the database when it is first asked.
func (p *process) openStore() (err error) {
	if p.store, err = store.OpenBounded(p.options.DatabaseURL, longestSilence); err != nil {
		return err
	}
	ready := required(p.checkDatabase)
	if p.options.Receiver != nil {
		ready = ready.tolerated("away, hits wait")
	}
	p.metrics.Register(p.store.Collectors()...)
	schema := &schemaWatch{check: p.store.CheckSchema, logger: p.logger}
	p.add(
		component{name: "database", stops: storing, close: p.closeStore, ready: ready},
		component{name: "schema", run: schema.run, ready: required(schema.remark)},
	)
	return nil
}

// closeStore ends the connections. An error is that of a server that is away, and
// nothing is lost by it.
func (p *process) closeStore() error {
	_ = p.store.Close()
	return nil
}

// addReference follows the reference data and the service secrets of the others.
func (p *process) addReference() {
	p.reference = store.NewReference(p.store, store.ReferenceOptions{Logger: p.logger, File: p.referenceFile, MakeRoom: p.options.MakeRoom})
	own := p.options.Keys.Fingerprints()
	p.secrets = &secretCheck{
		own: own, signs: p.options.Receiver != nil, // doors make transaction_ids
		registry: p.store, current: p.reference.Current, usable: p.reference.Usable(),
		logger: p.logger, settled: make(chan struct{}), refused: errSecretsUnknown,
	}
	p.add(
		component{name: "reference data", run: p.reference.Run, ready: required(p.checkReference)},
		component{name: "secrets", run: p.secrets.run, ready: required(p.secrets.status)},
	)
}

func (p *process) openPublisher() (err error) {
	if p.publisher, err = p.newPublisher(); err != nil {
		return err
	}
	ready := required(p.checkBroker)
	if p.options.Receiver != nil {
		// The broker and the disk: either of the two is enough.
		ready = ready.tolerated("away, hits go to disk")
	} else if p.options.Worker == nil {
		ready = ready.tolerated("away, the API and jobs replay nothing")
	}
	p.metrics.WatchQueues(p.depths)
	p.watchDependencies()
	p.add(component{name: "broker", stops: publishing, close: func() error { return closed(p.publisher) }, ready: ready})
	return nil
}

// newPublisher makes a connection to publish with, in the background.
func (p *process) newPublisher() (*rabbit.Publisher, error) {
	publisher, err := rabbit.NewPublisher(rabbit.PublisherOptions{
		URL: p.options.AMQPURL, Topology: p.options.Topology, ConfirmTimeout: p.options.ConfirmTimeout, Logger: p.logger,
		MaxItems: p.options.BatchHits, Outstanding: rabbit.OutstandingFor(p.options.BatchHits),
		Observe: func(flush rabbit.Flush) { p.metrics.Message(rabbit.QueueOf(flush.Topic), flush.Hits) },
	})
	if err != nil {
		return nil, fmt.Errorf("prepare to publish: %w", err)
	}
	return publisher, nil
}

func closed(publisher *rabbit.Publisher) error {
	if err := publisher.Close(); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// checkServers refuses to start on a schema or a topology that is not there, and
// to decide hits on a schema that a later version has migrated: rules of that
// version may not hold for what this one writes. A receiver starts there, so that
// an upgrade closes no door. A server that is merely out of reach is waited for
// instead.
func (p *process) checkServers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startCheck)
	defer cancel()
	var checks errgroup.Group
	checks.Go(func() error {
		err := p.store.CheckSchema(ctx)
		var differs *store.SchemaError
		switch {
		case errors.As(err, &differs) && differs.Newer() && p.options.Worker == nil:
			p.logger.Warn(failure.OneLine(err), "hint", differs.Hint())
		case errors.As(err, &differs):
			return failure.WithHint(err, differs.Hint())
		case err != nil && failure.Of(err) != failure.Outage:
			return err
		case err != nil:
			p.logger.Warn("the database cannot be reached yet", "error", err)
			return nil
		}
		if p.secrets != nil {
			// Before reference data is loaded, so that what is kept of it on
			// disk names this process's secrets.
			p.secrets.register(ctx)
		}
		return nil
	})
	checks.Go(func() error {
		err := p.options.Topology.Check(ctx, p.options.AMQPURL)
		if errors.Is(err, rabbit.ErrUnavailable) {
			p.logger.Warn("the broker cannot be reached yet", "error", err)
			return nil
		}
		if err != nil {
			return err
		}
		// What there is works, so that this alone stops nobody.
		if err := p.options.Topology.CheckDeadLettering(ctx, p.options.AMQPURL); errors.Is(err, rabbit.ErrDeadLettersAtRisk) {
			p.logger.Warn("the topology is not safe, run integr8 doctor", "error", err)
		}
		return nil
	})
	return checks.Wait()
}
