package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/reference"
)

// jobRow is a row of jobs/rows.
type jobRow struct {
	ID        int64       `db:"id"`
	AccountID int64       `db:"account_id"`
	Act       history.Act `db:"act"`
	ActID     uuid.UUID   `db:"act_id"`
	Filter    []byte      `db:"filter"`
	PerSecond float64     `db:"per_second"`
	By        string      `db:"actor"`
	Note      string      `db:"note"`
	State     jobs.State  `db:"state"`
	Problem   string      `db:"problem"`
	Run       int64       `db:"run"`
	Behind    string      `db:"behind"`
	Swept     int64       `db:"swept"`
	Result    []byte      `db:"result"`
	UnderWay  []byte      `db:"under_way"`
	Became    []byte      `db:"became"`
	Followed  bool        `db:"followed"`
	CreatedAt time.Time   `db:"created_at"`
	StartedAt *time.Time  `db:"started_at"`
	EndedAt   *time.Time  `db:"ended_at"`
}

func (r *jobRow) job() (jobs.Job, error) {
	job := jobs.Job{
		ID: r.ID, AccountID: r.AccountID, Act: r.Act, PerSecond: r.PerSecond, By: r.By, Note: r.Note, State: r.State, Problem: r.Problem,
		Swept: r.Swept, Followed: r.Followed, CreatedAt: r.CreatedAt, StartedAt: r.StartedAt, EndedAt: r.EndedAt,
	}
	err := errors.Join(json.Unmarshal(r.Filter, &job.Filter), json.Unmarshal(r.Result, &job.Result), json.Unmarshal(r.Became, &job.Result.Became))
	if err != nil {
		return job, fmt.Errorf("job %d is of another version: %w", r.ID, err)
	}
	if job.Result.Replayed != nil {
		job.Result.Follow()
	}
	return job, nil
}

// CreateJob adds a job under the condition of ctx.
func (s *Store) CreateJob(ctx context.Context, job jobs.New) (jobs.Job, error) {
	act, account := job.Act, job.Act.Order.Filter.AccountID
	filter, err := json.Marshal(act.Order.Filter)
	if err != nil {
		return jobs.Job{}, fmt.Errorf("encode a filter: %w", err)
	}
	result, err := json.Marshal(job.Estimate)
	if err != nil {
		return jobs.Job{}, fmt.Errorf("encode an estimate: %w", err)
	}
	var id int64
	err = s.recorded(history.By(ctx, act.By), func(tx *sqlx.Tx) (history.Change, error) {
		var unended int
		if err := selectRow(ctx, tx, &unended, "jobs/count_unended", args{"account_id": account}); err != nil {
			return history.Change{}, fmt.Errorf("count jobs: %w", err)
		}
		if unended >= jobs.MostUnended {
			return history.Change{}, reference.Refuse(reference.ErrConflict, "%d jobs have not ended yet", unended)
		}
		err := selectRow(ctx, tx, &id, "jobs/create", args{
			"account_id": account,
			"act":        string(job.What),
			"act_id":     act.ID,
			"filter":     string(filter),
			"per_second": job.PerSecond,
			"actor":      act.By,
			"note":       act.Note,
			"result":     string(result),
			"followed":   job.What != history.Replay,
		})
		if err != nil {
			return history.Change{}, fmt.Errorf("create a job: %w", err)
		}
		made := jobs.Job{ID: id, AccountID: account, Act: job.What, PerSecond: job.PerSecond}
		return made.Recorded(act), nil
	})
	if err != nil {
		return jobs.Job{}, err
	}
	return s.Job(ctx, account, id)
}

// Job returns a job of an account (0: of any), or a NotFoundError.
func (s *Store) Job(ctx context.Context, account, id int64) (jobs.Job, error) {
	return readJob(ctx, s.db, account, id)
}

func readJob(ctx context.Context, db sqlx.QueryerContext, account, id int64) (jobs.Job, error) {
	var row jobRow
	if err := selectRow(ctx, db, &row, "jobs/show", args{"account_id": account, "id": id}); err != nil {
		return jobs.Job{}, found(err, jobs.Object, account, id)
	}
	return row.job()
}

// Jobs returns at most limit jobs that the filter selects, the newest first, before the
// one with an id (0: from the newest on).
func (s *Store) Jobs(ctx context.Context, filter jobs.Filter, before int64, limit int) ([]jobs.Job, error) {
	states := make([]string, len(filter.States))
	for i, state := range filter.States {
		states[i] = string(state)
	}
	var rows []jobRow
	err := selectRows(ctx, s.db, &rows, "jobs/list", args{"account_id": filter.Account, "before_id": before, "states": pq.Array(states), "page": limit})
	if err != nil {
		return nil, fmt.Errorf("read jobs: %w", err)
	}
	page := make([]jobs.Job, len(rows))
	for i := range rows {
		if page[i], err = rows[i].job(); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// CancelJob cancels a job of an account (0: of any), or returns a NotFoundError. A job that
// has ended stays as it is.
func (s *Store) CancelJob(ctx context.Context, account, id int64) (jobs.Job, error) {
	var job jobs.Job
	err := s.recorded(ctx, func(tx *sqlx.Tx) (history.Change, error) {
		before, err := readJob(ctx, tx, account, id)
		if err != nil {
			return history.Change{}, err
		}
		if _, err := execute(ctx, tx, "jobs/cancel", args{"id": id}); err != nil {
			return history.Change{}, fmt.Errorf("cancel job %d: %w", id, err)
		}
		if job, err = readJob(ctx, tx, account, id); err != nil {
			return history.Change{}, err
		}
		return jobs.RecordedCancel(&before, &job), nil
	})
	return job, err
}

// JobCounts counts the jobs that have not ended by state.
func (s *Store) JobCounts(ctx context.Context) (map[jobs.State]int64, error) {
	var rows []struct {
		State jobs.State `db:"state"`
		Jobs  int64      `db:"jobs"`
	}
	if err := selectRows(ctx, s.db, &rows, "jobs/count_by_state", nil); err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	counts := map[jobs.State]int64{}
	for _, row := range rows {
		counts[row.State] = row.Jobs
	}
	return counts, nil
}

// StalledJobs returns how many jobs have not ended, where no process has worked on any for
// that long; else 0.
func (s *Store) StalledJobs(ctx context.Context, silence time.Duration) (jobs int64, err error) {
	err = selectRow(ctx, s.db, &jobs, "jobs/count_stalled", args{"silence_seconds": silence.Seconds()})
	return jobs, wrapped(err, "look for jobs that stand still")
}

// kept is a job as dead.Continue takes it.
func (r *jobRow) kept(job jobs.Job) (dead.Kept, error) {
	kept := dead.Kept{
		Act:       dead.Act{ID: r.ActID, Event: dead.EventOf(r.Act), By: r.By, Note: r.Note},
		PerSecond: r.PerSecond, Checkpoint: dead.Checkpoint{Swept: r.Swept, Result: job.Result},
	}
	kept.Act.Order = dead.Ordered{Event: kept.Act.Event, Filter: job.Filter, Letters: job.Result.Chosen}
	kept.Result.Became, kept.Result.OnTheWay = nil, nil
	if r.Behind != "" {
		if err := kept.Behind.UnmarshalText([]byte(r.Behind)); err != nil {
			return kept, fmt.Errorf("job %d: %w", r.ID, err)
		}
	}
	if err := json.Unmarshal(r.UnderWay, &kept.UnderWay); err != nil {
		return kept, fmt.Errorf("job %d is of another version: %w", r.ID, err)
	}
	return kept, nil
}
