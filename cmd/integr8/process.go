package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/spool"
	"integr8/pipeline/worker"
	"integr8/sql/store"
)

// process is what every long-running command is made of: the reference data,
// the way to the broker, metrics and the admin address. Parts are added to it
// by those who make a receiver or a worker of it.
type process struct {
	settings  *settings
	logger    *slog.Logger
	keys      hit.Keys
	store     *store.Store
	reference *store.Reference
	topology  rabbit.Topology
	amqpURL   string
	publisher *rabbit.Publisher
	secrets   *secretCheck
	metrics   *monitor.Metrics
	// adminListener has the admin address until run serves it.
	adminListener net.Listener
	// hold is why handling is held back; nil while it is not.
	hold atomic.Pointer[worker.Hold]
	// spool, its directory and referenceFile are those of a process with doors.
	spool                   *spool.Log
	spoolDir, referenceFile string
	checks                  map[string]monitor.Check
	// parts run until their context ends. They use the publisher, which is
	// closed after the last of them.
	parts []func(context.Context) error
}

// startCheck bounds the look at the servers when a process starts: a receiver
// does not keep its senders waiting for one that hangs.
const startCheck = 5 * time.Second

// newProcess makes a process. prepare takes what must be this process's alone
// before anything else is begun; closeSpool gives it back.
func newProcess(ctx context.Context, app *app, prepare ...func(*process, *app) error) (_ *process, err error) {
	paceGC(app.lookup)
	p := &process{
		settings: app.settings,
		logger:   app.logger(),
		metrics:  monitor.NewMetrics(app.settings.topology().QueueNames()...),
		topology: app.settings.topology(),
		checks:   map[string]monitor.Check{},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.closeSpool())
		}
	}()
	if err := app.settings.checkAdmin(); err != nil {
		return nil, err
	}
	if app.hasOldRetention() {
		p.logger.Warn(oldRetention, "hint", oldRetentionHint)
	}
	if unsafe := app.unsafeWays(); len(unsafe) > 0 {
		p.logger.Warn(strings.Join(unsafe, "; "), "hint", transportHint)
	}
	if p.keys, err = app.settings.keys(); err != nil {
		return nil, err
	}
	if p.amqpURL, err = app.settings.amqpURL(); err != nil {
		return nil, err
	}
	if p.store, err = app.boundedStore(); err != nil {
		return nil, err
	}
	for _, prepare := range prepare {
		if err := prepare(p, app); err != nil {
			return nil, err
		}
	}
	p.reference = store.NewReference(p.store, store.ReferenceOptions{Logger: p.logger, File: p.referenceFile})
	p.secrets = &secretCheck{
		own: p.keys.Fingerprints(), signs: p.spool != nil, // doors make transaction_ids
		registry: p.store, current: p.reference.Current, usable: p.reference.Usable(),
		logger: p.logger, settled: make(chan struct{}), refused: errSecretsUnknown,
	}
	if err := p.checkServers(ctx); err != nil {
		return nil, err
	}
	p.parts = append(p.parts, p.reference.Run, p.secrets.run)
	p.publisher, err = rabbit.NewPublisher(rabbit.PublisherOptions{
		URL: p.amqpURL, Topology: p.topology, ConfirmTimeout: p.settings.ConfirmTimeout, Logger: p.logger,
		MaxItems: p.settings.BatchHits, Outstanding: outstanding(p.settings.BatchHits),
		Observe: func(flush rabbit.Flush) { p.metrics.Message(rabbit.QueueOf(flush.Topic), flush.Hits) },
	})
	if err != nil {
		return nil, fmt.Errorf("prepare to publish: %w", err)
	}
	p.checks["broker"] = p.checkBroker
	p.checks["database"] = p.checkDatabase
	p.checks["reference data"] = p.checkReference
	p.checks["secrets"] = p.secrets.status
	p.metrics.WatchQueues(p.depths)
	p.metrics.Register(p.store.Collectors()...)
	// Before any part begins: a worker that cannot have its admin address takes no
	// hits from the others.
	if p.adminListener, err = adminSetting.listen(ctx, net.ListenConfig{}, p.settings.AdminAddr); err != nil {
		return nil, errors.Join(err, p.publisher.Close())
	}
	return p, nil
}

// abandon ends a process that does not come to run.
func (p *process) abandon() error {
	return errors.Join(p.adminListener.Close(), p.publisher.Close(), p.closeSpool())
}

// checkServers refuses to start on a schema or a topology that is not there.
// A server that is merely out of reach is waited for instead.
func (p *process) checkServers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startCheck)
	defer cancel()
	var checks errgroup.Group
	checks.Go(func() error {
		pending, err := p.store.Pending(ctx)
		switch {
		case err != nil && failure.Of(err) != failure.Outage:
			return err
		case err != nil:
			p.logger.Warn("the database cannot be reached yet", "error", err)
		case pending:
			return withHint(errors.New("the database schema is not up to date"), "run `integr8 migrate`")
		default:
			// Before reference data is loaded, so that what is kept of it on
			// disk names this process's secrets.
			p.secrets.register(ctx)
		}
		return nil
	})
	checks.Go(func() error {
		err := p.topology.Check(ctx, p.amqpURL)
		if errors.Is(err, rabbit.ErrUnavailable) {
			p.logger.Warn("the broker cannot be reached yet", "error", err)
			return nil
		}
		if err != nil {
			return err
		}
		// What there is works, so that this alone stops nobody.
		if err := p.topology.CheckDeadLettering(ctx, p.amqpURL); errors.Is(err, rabbit.ErrDeadLettersAtRisk) {
			p.logger.Warn("the topology is not safe, run integr8 doctor", "error", err)
		}
		return nil
	})
	return checks.Wait()
}

func (p *process) checkReference(context.Context) (string, error) {
	select {
	case <-p.reference.Usable():
	default:
		return "", errors.New("not loaded from the database yet")
	}
	if p.reference.Restored() {
		return "the database is away, this is from disk, as of " + p.reference.Current().LoadedAt.UTC().Format(time.RFC3339), nil
	}
	return "", nil
}

func (p *process) depths(ctx context.Context) ([]monitor.Depth, error) {
	found, err := p.topology.Depths(ctx, p.amqpURL)
	if err != nil {
		return nil, err
	}
	depths := make([]monitor.Depth, len(found))
	for i, depth := range found {
		depths[i] = monitor.Depth{Queue: strings.TrimPrefix(depth.Queue, p.topology.Prefix), Messages: depth.Messages, Consumers: depth.Consumers}
	}
	return depths, nil
}

// run works until ctx ends or a part fails, and then stops in order: the
// parts, the publisher that they use, and last the admin address, so that it
// can be seen how far a stop has come.
func (p *process) run(ctx context.Context) error {
	p.checks["process"] = func(context.Context) (string, error) {
		if ctx.Err() != nil {
			return "", errors.New("stopping")
		}
		return "", nil
	}
	admin, stopAdmin := context.WithCancel(context.WithoutCancel(ctx))
	serving, adminCtx := errgroup.WithContext(admin)
	serving.Go(func() error {
		return p.serveAdmin(adminCtx)
	})

	parts, partsCtx := errgroup.WithContext(ctx)
	// A part that fails ends the others, and so does an admin address that is
	// not served any more.
	parts.Go(func() error {
		select {
		case <-partsCtx.Done():
			return nil
		case <-adminCtx.Done():
			return errors.New("the admin address is not served")
		}
	})
	for _, part := range p.parts {
		parts.Go(func() error { return part(partsCtx) })
	}
	err := parts.Wait()
	closing := errors.Join(p.publisher.Close(), p.closeSpool())
	stopAdmin()
	if serveErr := serving.Wait(); serveErr != nil {
		return serveErr
	}
	if err != nil {
		return err
	}
	if closing != nil {
		return fmt.Errorf("stop: %w", closing)
	}
	p.logger.Info("stopped")
	return nil
}

// outstanding is how many AMQP messages may wait for their confirm: two, so
// that one travels while the other is written to disk, or as many small ones
// as hold the same number of hits.
func outstanding(batchHits int) int {
	const hits = 256
	return max(2, hits/max(1, batchHits))
}

// topology names the queues and exchanges.
func (s *settings) topology() rabbit.Topology {
	return rabbit.Topology{Prefix: s.QueuePrefix, MaxBytes: int64(s.QueueMaxBytes)}
}
