package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/failure"
	"integr8/pipeline/monitor"
	"integr8/pipeline/outcome"
	"integr8/sql/store"
)

const (
	// figuresInterval is how often the figures of the whole system are read.
	figuresInterval = time.Minute
	// figuresTimeout bounds one reading.
	figuresTimeout = time.Minute
	// figuresShare is how many times as long as a reading took the pause after it is at
	// least, so that Postgres is busy with it for a fiftieth of the time at most. To count
	// a million dead letters takes 0.4 s.
	figuresShare = 50
)

// The figures, as the label figures names them.
const (
	deadLettersFigure = "dead_letters"
	waitingFigure     = "waiting"
	unaccountedFigure = "unaccounted"
	partitionsFigure  = "partitions"
)

// figures reads the figures of the whole system for the metrics. The API's process does
// this: it neither takes hits in nor decides them, so the figures go on when workers or
// receivers do not.
type figures struct {
	store  *store.Store
	audits audit.Audits
	system *monitor.System
	logger *slog.Logger
	now    func() time.Time
	// told is the last problem that was logged: one that lasts is logged once.
	told string
}

func (p *process) addFigures(db *store.Store) {
	f := &figures{
		store: db, audits: audit.Audits{Store: db, Queues: p.watcher(db)},
		system: p.metrics.AddSystem(deadLettersFigure, waitingFigure, unaccountedFigure, partitionsFigure), logger: p.logger, now: p.options.Clock,
	}
	p.add(component{name: "figures", run: func(ctx context.Context) error {
		f.run(ctx)
		return nil
	}})
}

// run reads the figures now and each minute, or less often when that takes long, until
// ctx ends.
func (f *figures) run(ctx context.Context) {
	for ctx.Err() == nil {
		began := time.Now()
		err := f.read(ctx)
		if ctx.Err() != nil {
			return
		}
		f.tell(err)
		pause(ctx, max(figuresInterval, figuresShare*time.Since(began)))
	}
}

func (f *figures) tell(err error) {
	switch {
	case err == nil && f.told != "":
		f.logger.Info("the figures of the system are read again")
		f.told = ""
	case err != nil && err.Error() != f.told:
		f.told = err.Error()
		f.logger.Warn("not all figures of the system can be read, those of before stand", "error", failure.OneLine(err))
	}
}

// read sets the figures. What fails does not keep the others from being read.
func (f *figures) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, figuresTimeout)
	defer cancel()
	var errs []error
	for _, one := range []struct {
		name string
		read func(context.Context) error
	}{
		{deadLettersFigure, f.deadLetters},
		{waitingFigure, f.waiting},
		{unaccountedFigure, f.unaccounted},
		{partitionsFigure, f.partitions},
	} {
		if err := one.read(ctx); err != nil {
			errs = append(errs, err)
			continue
		}
		f.system.Read(one.name, f.now())
	}
	return errors.Join(errs...)
}

// otherReason stands for the reasons that this program does not know, which another
// version has written.
const otherReason = "other"

func (f *figures) deadLetters(ctx context.Context) error {
	found, err := f.store.CountDeadLetters(ctx)
	if err != nil {
		return err
	}
	counts := map[monitor.DeadLetterLabels]int64{}
	for _, status := range dead.Statuses() {
		for _, reason := range append(deadReasons(), otherReason) {
			counts[monitor.DeadLetterLabels{Status: string(status), Reason: string(reason)}] = 0
		}
	}
	for _, count := range found {
		labels := monitor.DeadLetterLabels{Status: string(count.Status), Reason: string(count.Reason)}
		if _, known := counts[labels]; !known {
			labels.Reason = otherReason
		}
		counts[labels] += count.Letters
	}
	f.system.DeadLetters(counts)
	return nil
}

// deadReasons are the reasons that dead letters have.
func deadReasons() []outcome.Reason {
	return slices.DeleteFunc(outcome.Reasons(), func(r outcome.Reason) bool { return !r.Outcome().Dead() })
}

func (f *figures) waiting(ctx context.Context) error {
	waiting, err := f.store.CountWaiting(ctx)
	if err != nil {
		return err
	}
	f.system.Waiting(waiting)
	return nil
}

var errBrokerUnasked = errors.New("the broker could not be asked what its queues hold")

// unaccounted leaves the figure as it is while the broker cannot be asked: any number of
// hits may be in its queues then.
func (f *figures) unaccounted(ctx context.Context) error {
	balance, err := f.audits.Balance(ctx, time.Time{})
	if err != nil {
		return err
	}
	if balance.Unasked != "" {
		return errBrokerUnasked
	}
	f.system.Unaccounted(balance.Unaccounted)
	return nil
}

func (f *figures) partitions(ctx context.Context) error {
	ahead, err := f.store.DaysAhead(ctx)
	if err != nil {
		return err
	}
	for table, days := range ahead {
		f.system.DaysAhead(table, days)
	}
	return nil
}
