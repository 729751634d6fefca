package spools

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"integr8/handlers/operate"
	"integr8/pipeline/books"
	"integr8/pipeline/failure"
	"integr8/pipeline/spool"
)

// Drained counts the hits that were drained to the broker, and those that are left.
type Drained struct {
	Drained uint64 `json:"drained"`
	Left    int64  `json:"left"`
}

// Err returns an error when hits are left. They are not lost: another call can drain
// them.
func (d Drained) Err() error {
	if d.Left == 0 {
		return nil
	}
	return failure.WithHint(fmt.Errorf("%s left", operate.Count(d.Left, "hit", "is", "are")), "nothing is lost: run it again")
}

// drainPoll is how often Drain checks whether hits are left.
const drainPoll = 50 * time.Millisecond

// Drain drains a directory that no process has open, until no hit is left or ctx ends.
// The logger logs failures of the broker, after which Drain tries again.
func Drain(ctx context.Context, dir string, broker spool.Broker, logger *slog.Logger) (_ Drained, err error) {
	dir = spool.Locate(dir)
	log, err := spool.Open(spool.Options{Dir: dir, MaxBytes: -1, Logger: logger})
	if errors.Is(err, spool.ErrLocked) {
		return Drained{}, failure.WithHint(err, "its receiver runs and drains it; stop that first if it must be done by hand")
	}
	if err != nil {
		return Drained{}, failure.WithHint(err, "this user must be able to read and write the directory")
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	lanes := log.Lanes()
	home, err := spool.Identify(spool.HomeOf(dir))
	if err != nil {
		return Drained{}, err
	}
	queue := spool.NewQueue(spool.QueueOptions{Broker: broker, Log: log, Ledger: books.NewLedger(home), Logger: logger})
	if err := drain(ctx, queue, log); err != nil {
		return Drained{}, err
	}
	state := log.State()
	if state.Records > 0 {
		return Drained{state.Drained, state.Records}, nil
	}
	// The audit then knows that nothing of this receiver is under way any more.
	for _, lane := range lanes {
		if _, err := queue.State(ctx, lane); err != nil {
			return Drained{}, err
		}
	}
	return Drained{Drained: state.Drained}, nil
}

// drain drains until the log is empty or ctx ends.
func drain(ctx context.Context, queue *spool.Queue, log *spool.Log) error {
	draining, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- queue.Run(draining) }()
	look := time.NewTicker(drainPoll)
	defer look.Stop()
	for log.State().Records > 0 && ctx.Err() == nil {
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
	stop()
	return <-ended
}
