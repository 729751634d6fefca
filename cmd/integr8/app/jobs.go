package app

import (
	"context"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/jobs"
	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// addJobs carries out jobs. It has connections to the database and the broker of its own:
// no job takes one from the doors, the workers or the API.
func (p *process) addJobs() error {
	db, err := store.OpenBounded(p.options.DatabaseURL, requestTime*5/4)
	if err != nil {
		return err
	}
	var ends []string
	for _, state := range jobs.States()[len(jobs.Unended()):] {
		ends = append(ends, string(state))
	}
	p.metrics.AddJobs(ends, func(ctx context.Context) ([]monitor.JobCount, error) {
		return jobCounts(ctx, db)
	})
	broker := &jobBroker{process: p}
	runner := &jobs.Runner{
		Store:   db,
		Letters: dead.Letters{Store: db, Broker: broker, Keys: p.options.Keys},
		Logger:  p.logger,
		Observe: func(state jobs.State) { p.metrics.JobEnded(string(state)) },
	}
	p.add(
		component{name: "database of jobs", stops: storing, close: func() error {
			_ = db.Close() // as in closeStore
			return nil
		}},
		component{name: "broker of jobs", stops: publishing, close: broker.close},
		component{name: "jobs", run: func(ctx context.Context) error {
			var running sync.WaitGroup
			for range jobs.Slots {
				running.Go(func() { p.repeat(ctx, "carrying out jobs", jobs.Interval, runner.Round) })
			}
			running.Go(func() { p.repeat(ctx, "following replays", jobs.Interval, runner.Follow) })
			running.Go(func() { p.repeat(ctx, "deleting old jobs", forgetInterval, runner.Forget) })
			running.Wait()
			return nil
		}},
	)
	return nil
}

func (p *process) repeat(ctx context.Context, what string, interval time.Duration, round func(context.Context) error) {
	keeping := rounds{logger: p.logger, what: what, interval: interval}
	keeping.run(ctx, round)
}

func jobCounts(ctx context.Context, db *store.Store) ([]monitor.JobCount, error) {
	counts, err := db.JobCounts(ctx)
	if err != nil {
		return nil, err
	}
	var all []monitor.JobCount
	for _, state := range jobs.Unended() {
		all = append(all, monitor.JobCount{State: string(state), Jobs: counts[state]})
	}
	return all, nil
}

// jobBroker is RabbitMQ for jobs. It connects for the first replay.
type jobBroker struct {
	*process
	mu        sync.Mutex
	publisher *rabbit.Publisher
}

// Depths returns how full the queues are, by name without the prefix.
func (b *jobBroker) Depths(ctx context.Context) (map[string]rabbit.Depth, error) {
	return apiBroker{b.process}.Depths(ctx)
}

// Publisher returns the publisher of all jobs, which none closes.
func (b *jobBroker) Publisher() (_ message.Publisher, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.publisher == nil {
		if b.publisher, err = b.newPublisher(); err != nil {
			return nil, err
		}
	}
	return unclosed{b.publisher}, nil
}

func (b *jobBroker) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.publisher == nil {
		return nil
	}
	return closed(b.publisher)
}
