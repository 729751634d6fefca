package jobs

import (
	"context"
	"math"
	"slices"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/redact"
)

const (
	// DefaultPerSecond is how many letters a job works on a second unless told otherwise: a
	// small part of what a worker decides.
	DefaultPerSecond = 200
	// LeastPerSecond and MostPerSecond bound the rate of a job.
	LeastPerSecond, MostPerSecond = 0.1, 5000
	// MostUnended bounds how many jobs of an account have not ended.
	MostUnended = 100
	// sampled is how many letters an estimate shows.
	sampled = 10
)

// Store holds jobs.
type Store interface {
	reference.NamedStore
	// CreateJob adds a job, under the condition of ctx (see reference.Under), and records
	// it. The error matches reference.ErrConflict when too many have not ended.
	CreateJob(ctx context.Context, job New) (Job, error)
	// Jobs reads at most limit jobs that match the filter, the newest first, before the one
	// with an id (0: from the newest on).
	Jobs(ctx context.Context, filter Filter, before int64, limit int) ([]Job, error)
	// Job reads a job of an account (0: of any), or returns a reference.NotFoundError.
	Job(ctx context.Context, account, id int64) (Job, error)
	// CancelJob cancels a job of an account (0: of any) and records it. One that has ended
	// stays as it is.
	CancelJob(ctx context.Context, account, id int64) (Job, error)
}

// New is a job to be created.
type New struct {
	What      history.Act
	Act       dead.Act
	PerSecond float64
	// Estimate is the result before anything is done.
	Estimate dead.Result
}

// Jobs are the use cases.
type Jobs struct {
	Store   Store
	Letters dead.Letters
}

// Order is what a person orders.
type Order struct {
	Act    history.Act
	Filter dead.Filter
	// PerSecond bounds how many letters are worked on a second. Default: DefaultPerSecond.
	PerSecond float64
	By        dead.Operator
}

// Estimate is what a job would do if it was created now.
type Estimate struct {
	// Result has what is chosen, by reason, and warnings.
	Result dead.Result `json:"result"`
	// Sample are the letters that it would begin with.
	Sample []dead.Listed `json:"sample" nullable:"false"`
	// Until is when the latest of them died, at most: an order until then chooses the same.
	Until time.Time `json:"until"`
}

// Estimate returns what a job would do, and changes nothing.
func (j Jobs) Estimate(ctx context.Context, order Order) (Estimate, error) {
	work, err := j.prepare(ctx, &order)
	if err != nil {
		return Estimate{}, err
	}
	work.Result.DryRun = true
	sample, err := work.Sample(ctx, sampled)
	return Estimate{Result: work.Result, Sample: sample, Until: work.Act().Order.Filter.Until}, err
}

// Create adds a job. Only letters that have died by now belong to it.
func (j Jobs) Create(ctx context.Context, order Order) (Job, error) {
	work, err := j.prepare(ctx, &order)
	if err != nil {
		return Job{}, err
	}
	if err := work.Act().HasText(); err != nil {
		return Job{}, err
	}
	return j.Store.CreateJob(ctx, New{What: order.Act, Act: work.Act(), PerSecond: order.PerSecond, Estimate: work.Result})
}

func (j Jobs) prepare(ctx context.Context, order *Order) (*dead.Work, error) {
	if err := order.check(); err != nil {
		return nil, err
	}
	return j.Letters.Prepare(ctx, order.Act, order.Filter, order.By)
}

// check refuses what cannot be carried out, and sets defaults.
func (o *Order) check() error {
	if o.PerSecond == 0 {
		o.PerSecond = DefaultPerSecond
	}
	clean, _ := redact.Redactor{}.Text(o.Filter.Text)
	switch {
	case !slices.Contains([]history.Act{history.Replay, history.Discard, history.Undo, history.Note}, o.Act):
		return reference.Refuse(reference.ErrInvalid, "%q is no act on dead letters: it is replay, discard, undo or note", o.Act)
	case math.IsNaN(o.PerSecond) || o.PerSecond < LeastPerSecond || o.PerSecond > MostPerSecond:
		return reference.Refuse(reference.ErrInvalid, "a job works on %g to %d dead letters a second", LeastPerSecond, MostPerSecond)
	case clean != o.Filter.Text:
		// A job is kept, and what is kept holds no secret.
		return reference.Refuse(reference.ErrInvalid, "the text looks like a secret or an e-mail address, which no dead letter holds")
	default:
		return nil
	}
}

// Filter matches jobs; a field with its zero value matches all.
type Filter struct {
	Account int64
	States  []State
}

// Page returns at most limit jobs that match the filter, behind a cursor, which is empty
// for the beginning, the newest first. The error for a cursor is operate.ErrCursor.
func (j Jobs) Page(ctx context.Context, filter Filter, cursor string, limit int) (page operate.Page[Job], err error) {
	before, err := operate.NumberIn(cursor)
	if err != nil {
		return page, err
	}
	found, err := j.Store.Jobs(ctx, filter, before, limit+1)
	if err == nil && len(found) == 0 {
		err = (reference.Named{Account: filter.Account}).Check(ctx, j.Store)
	}
	if err != nil {
		return page, err
	}
	return operate.PageUpTo(found, limit, func(job *Job) int64 { return job.ID }), nil
}

// Show returns a job of an account (0: of any), or a reference.NotFoundError.
func (j Jobs) Show(ctx context.Context, account, id int64) (Job, error) {
	return j.Store.Job(ctx, account, id)
}

// Cancel stops a job of an account (0: of any), at the latest when the letters that it
// works on are settled: what is done stays done. One that has ended is returned as it is.
func (j Jobs) Cancel(ctx context.Context, account, id int64) (Job, error) {
	return j.Store.CancelJob(ctx, account, id)
}
