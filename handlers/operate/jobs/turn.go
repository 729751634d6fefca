package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/dead"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
)

// ErrLost means that another run has taken the job, because this one was silent.
var ErrLost = errors.New("another process has taken the job")

// Why a turn ends before the job does.
var (
	errTurnOver  = errors.New("the turn is over")
	errCancelled = errors.New("the job is cancelled")
)

const (
	// mostFailures is after how many failures without progress between them a job ends. An
	// outage is none.
	mostFailures = 5
	// mostProblem bounds the text of a problem, in bytes.
	mostProblem = 500
)

// turn takes a job, works on it for TurnTime at most, and reports whether there was one.
func (r *Runner) turn(ctx context.Context) (worked bool, err error) {
	taken, err := r.Store.TakeJob(ctx, silence)
	if err != nil || taken == nil {
		return false, err
	}
	defer taken.Lock.Release()
	return true, r.work(ctx, taken)
}

// work works on a job. What it returns as an error delays all jobs.
func (r *Runner) work(ctx context.Context, taken *Taken) error {
	if taken.State == Cancelling && len(taken.Kept.UnderWay) == 0 {
		return r.end(ctx, taken, Cancelled)
	}
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	k := &keeper{store: r.Store, run: taken.Run, over: time.Now().Add(TurnTime), stop: stop}
	var watching sync.WaitGroup
	if taken.State == Cancelling { // only what is under way is settled
		k.over, k.cause = time.Now(), errCancelled
	} else {
		watching.Go(func() { watch(working, taken.Lock, stop) })
	}
	finished, err := r.Letters.Continue(working, taken.Kept, k)
	cause := context.Cause(working)
	stop(nil)
	watching.Wait()
	switch {
	case errors.Is(err, ErrLost):
		return nil
	case err != nil:
		return r.delay(ctx, taken, err)
	case finished:
		return r.end(ctx, taken, Done)
	case errors.Is(cause, errCancelled):
		return r.end(ctx, taken, Cancelled)
	case errors.Is(cause, errTurnOver), errors.Is(cause, ErrLost), ctx.Err() != nil:
		return nil
	default:
		return cause
	}
}

// watch looks at a job's state until ctx ends. It stops the work when the job is cancelled,
// or when nobody knows whether the process still has it.
func watch(ctx context.Context, lock Lock, stop context.CancelCauseFunc) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		switch state, err := lock.Beat(ctx); {
		case err != nil:
			stop(err)
			return
		case state != Running:
			stop(errCancelled)
			return
		}
	}
}

// end ends a job, also while the process stops.
func (r *Runner) end(ctx context.Context, taken *Taken, state State) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dead.SettleTimeout)
	defer cancel()
	switch err := r.Store.EndJob(ctx, taken.Run, state); {
	case errors.Is(err, ErrLost):
		return nil
	case err != nil:
		return err
	}
	r.ended(taken, state)
	return nil
}

func (r *Runner) ended(taken *Taken, state State) {
	r.Observe(state)
	r.Logger.Info("a job has ended", "job", taken.Job, "state", state)
}

// delay keeps why a job does not go on. It returns the error of an outage, which delays
// other jobs too.
func (r *Runner) delay(ctx context.Context, taken *Taken, failed error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dead.SettleTimeout)
	defer cancel()
	class := failure.Of(failed)
	if class == failure.Shutdown {
		return nil
	}
	state, err := r.Store.DelayJob(ctx, taken.Run, problemOf(failed, class), class != failure.Outage, mostFailures)
	if errors.Is(err, ErrLost) {
		return nil
	}
	if err == nil && state == Failed {
		r.Logger.Warn("a job has failed", "job", taken.Job, "error", failure.OneLine(failed))
		r.ended(taken, state)
		return nil
	}
	return fmt.Errorf("job %d: %w", taken.Job, errors.Join(failed, err))
}

// problemOf is a failure as a job keeps it. What an outage says is in the log only.
func problemOf(err error, class failure.Class) string {
	switch {
	case errors.Is(err, rabbit.ErrUnroutable):
		return "the queues are missing: run `integr8 topology`, and the job goes on by itself"
	case class == failure.Outage:
		return "the database or the broker cannot be used now: the job goes on by itself"
	}
	text := failure.OneLine(err)
	if hint := failure.Hint(err); hint != "" {
		text += "; " + hint
	}
	if len(text) > mostProblem {
		text = strings.ToValidUTF8(text[:mostProblem], "")
	}
	return text
}

// keeper is the dead.Keeper of a run.
type keeper struct {
	store RunStore
	run   Run
	// over is when the run stops, for the reason cause. Default: errTurnOver.
	over  time.Time
	cause error
	stop  context.CancelCauseFunc
}

// KeepUnderWay is done also when the run is stopped.
func (k *keeper) KeepUnderWay(ctx context.Context, letters []dead.Mark) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dead.SettleTimeout)
	defer cancel()
	return k.store.KeepUnderWay(ctx, k.run, letters)
}

// Settle stops the run when its time is over.
func (k *keeper) Settle(ctx context.Context, letters []dead.Letter, act dead.Act, reached func(map[uuid.UUID]dead.Status) dead.Checkpoint) error {
	err := k.store.SettleInJob(ctx, k.run, letters, act, reached)
	if err == nil && !time.Now().Before(k.over) {
		if k.cause == nil {
			k.cause = errTurnOver
		}
		k.stop(k.cause)
	}
	return err
}
