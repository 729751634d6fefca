package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/jobs"
)

// jobLock is the lock of an account's jobs. One process has it at a time, until Release,
// or until its session ends or is silent for too long. Its transaction writes nothing.
type jobLock struct {
	tx  *sqlx.Tx
	run jobs.Run
}

// Beat returns the state of the job.
func (l *jobLock) Beat(ctx context.Context) (jobs.State, error) {
	var state jobs.State
	err := selectRow(ctx, l.tx, &state, "jobs/state", args{"id": l.run.Job, "run": l.run.Number})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", jobs.ErrLost
	case err != nil:
		return "", fmt.Errorf("keep job %d: %w", l.run.Job, err)
	default:
		return state, nil
	}
}

// Release releases the lock.
func (l *jobLock) Release() {
	_ = l.tx.Rollback() // the transaction has written nothing, and an ended session holds no lock
}

// TakeJob takes the job whose turn is next and whose account has none that another process
// works on; nil when there is none.
func (s *Store) TakeJob(ctx context.Context, silence time.Duration) (*jobs.Taken, error) {
	var due []struct {
		ID        int64 `db:"id"`
		AccountID int64 `db:"account_id"`
	}
	if err := selectRows(ctx, s.db, &due, "jobs/due", nil); err != nil {
		return nil, fmt.Errorf("look for jobs: %w", err)
	}
	for _, job := range due {
		taken, err := s.takeJob(ctx, job.ID, job.AccountID, silence)
		if taken != nil || err != nil {
			return taken, err
		}
	}
	return nil, nil
}

// takeJob returns nil when the job cannot be taken.
func (s *Store) takeJob(ctx context.Context, id, account int64, silence time.Duration) (_ *jobs.Taken, err error) {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("take job %d: %w", id, err)
	}
	lock := &jobLock{tx: tx}
	taken := false
	defer func() {
		if !taken {
			lock.Release()
		}
	}()
	var mine bool
	err = selectRow(ctx, tx, &mine, "jobs/lock", args{"account_id": account, "silence": strconv.FormatInt(silence.Milliseconds(), 10)})
	if err != nil || !mine {
		return nil, wrapped(err, "take job %d", id)
	}
	begun, err := execute(ctx, s.db, "jobs/begin", args{"id": id})
	if err != nil {
		return nil, fmt.Errorf("take job %d: %w", id, err)
	}
	if rows, err := begun.RowsAffected(); err != nil || rows == 0 {
		return nil, wrapped(err, "take job %d", id) // it has ended meanwhile
	}
	var row jobRow
	if err := selectRow(ctx, s.db, &row, "jobs/show", args{"account_id": int64(0), "id": id}); err != nil {
		return nil, fmt.Errorf("read job %d: %w", id, err)
	}
	job, err := row.job()
	if err != nil {
		return nil, err
	}
	kept, err := row.kept(job)
	if err != nil {
		return nil, err
	}
	lock.run, taken = jobs.Run{Job: id, Number: row.Run}, true
	return &jobs.Taken{Run: lock.run, State: row.State, Kept: kept, Lock: lock}, nil
}

// wrapped says what was tried; nil stays nil.
func wrapped(err error, tried string, arguments ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(tried, arguments...), err)
}

// still returns ErrLost when a statement on a job has changed no row, because another run
// has taken it.
func still(result sql.Result, err error, tried string, run jobs.Run) error {
	var rows int64
	if err == nil {
		rows, err = result.RowsAffected()
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s job %d: %w", tried, run.Job, err)
	case rows == 0:
		return jobs.ErrLost
	default:
		return nil
	}
}

// KeepUnderWay keeps the letters whose hits a run is about to publish.
func (s *Store) KeepUnderWay(ctx context.Context, run jobs.Run, letters []dead.Mark) error {
	marks, err := json.Marshal(letters)
	if err != nil {
		return fmt.Errorf("encode what is under way: %w", err)
	}
	result, err := execute(ctx, s.db, "jobs/keep_under_way", args{"id": run.Job, "run": run.Number, "under_way": string(marks)})
	return still(result, err, "keep what is under way of", run)
}

// SettleInJob is SettleDeadLetters, and keeps in the same transaction how far the job has
// come. When another run has taken it, the error is ErrLost and nothing is changed.
func (s *Store) SettleInJob(ctx context.Context, run jobs.Run, read []dead.Letter, act dead.Act, reached func(map[uuid.UUID]dead.Status) dead.Checkpoint) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("settle letters of job %d: %w", run.Job, err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	var changed map[uuid.UUID]dead.Status
	if len(read) > 0 {
		if changed, err = settle(ctx, tx, read, act); err != nil {
			return err
		}
	}
	checkpoint := reached(changed)
	kept, err := json.Marshal(checkpoint.Result)
	if err != nil {
		return fmt.Errorf("encode the result of job %d: %w", run.Job, err)
	}
	result, err := execute(ctx, tx, "jobs/advance", args{
		"id": run.Job, "run": run.Number, "behind": checkpoint.Behind.String(), "swept": checkpoint.Swept, "result": string(kept),
	})
	if err := still(result, err, "keep the progress of", run); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("settle letters of job %d: %w", run.Job, err)
	}
	return nil
}

// EndJob ends a job in a state.
func (s *Store) EndJob(ctx context.Context, run jobs.Run, state jobs.State) error {
	result, err := execute(ctx, s.db, "jobs/end", args{"id": run.Job, "run": run.Number, "state": string(state)})
	return still(result, err, "end", run)
}

// DelayJob keeps why a job does not go on, and returns its state. With failed it has failed
// once more, and ends after most times.
func (s *Store) DelayJob(ctx context.Context, run jobs.Run, problem string, failed bool, most int) (jobs.State, error) {
	failures := 0
	if failed {
		failures = 1
	}
	var state jobs.State
	err := selectRow(ctx, s.db, &state, "jobs/delay", args{"id": run.Job, "run": run.Number, "problem": problem, "failures": failures, "most": most})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", jobs.ErrLost
	case err != nil:
		return "", fmt.Errorf("delay job %d: %w", run.Job, err)
	default:
		return state, nil
	}
}

// followRest is how long a job whose hits are followed rests, in times of what a look at
// them has taken, and at least.
const (
	followRest      = 10
	shortFollowRest = time.Second
)

// FollowReplay looks what became of the hits of one job for which that is due; false when
// it is for none.
func (s *Store) FollowReplay(ctx context.Context) (bool, error) {
	var due []struct {
		ID    int64     `db:"id"`
		ActID uuid.UUID `db:"act_id"`
	}
	if err := selectRows(ctx, s.db, &due, "jobs/take_to_follow", nil); err != nil || len(due) == 0 {
		return false, wrapped(err, "look for replays to follow")
	}
	job, begin := due[0], time.Now()
	ends := []dead.Became{}
	if err := selectRows(ctx, s.db, &ends, "jobs/became", args{"act_id": job.ActID}); err != nil {
		return false, fmt.Errorf("read what became of the hits of job %d: %w", job.ID, err)
	}
	hits := int64(0)
	for _, end := range ends {
		hits += end.Hits
	}
	became, err := json.Marshal(ends)
	if err != nil {
		return false, fmt.Errorf("encode what became of the hits of job %d: %w", job.ID, err)
	}
	_, err = execute(ctx, s.db, "jobs/follow", args{
		"id": job.ID, "became": string(became), "hits": hits, "silence_seconds": dead.SilentAfter.Seconds(),
		"rest_ms": max(shortFollowRest, followRest*time.Since(begin)).Milliseconds(),
	})
	return true, wrapped(err, "keep what became of the hits of job %d", job.ID)
}

// ForgetJobs deletes jobs that ended longer ago than age.
func (s *Store) ForgetJobs(ctx context.Context, age time.Duration) error {
	_, err := execute(ctx, s.db, "jobs/forget", args{"kept_seconds": age.Seconds()})
	return wrapped(err, "delete old jobs")
}
