package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/jobs"
	"integr8/pipeline/failure"
)

type jobCommand struct {
	List   jobListCommand   `cmd:"" help:"List jobs, the newest first."`
	Show   jobShowCommand   `cmd:"" time:"long" help:"Show a job: what it has done, and what became of the hits that it replayed."`
	Cancel jobCancelCommand `cmd:"" help:"Cancel a job. What it has done stays done."`
}

// jobs returns the use cases of jobs.
func (inv *invocation) jobs() (jobs.Jobs, error) {
	letters, err := inv.deadLetters()
	if err != nil {
		return jobs.Jobs{}, err
	}
	db, err := inv.store()
	return jobs.Jobs{Store: db, Letters: letters}, err
}

type jobListCommand struct {
	output
	ofAccounts
	Status string `default:"all" enum:"all,unended,waiting,running,cancelling,cancelled,done,failed" help:"Only those that are unended (waiting, running or cancelling), waiting, running, cancelling, cancelled, done or failed."`
	Limit  int    `default:"50" placeholder:"N" range:"1..1000" help:"At most so many. Default 50."`
	Cursor string `placeholder:"CURSOR" help:"Go on where a list ended that printed this cursor."`
}

// Run lists jobs.
func (c *jobListCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.jobs()
	if err != nil {
		return err
	}
	filter := jobs.Filter{Account: c.Account}
	switch c.Status {
	case "all":
	case "unended":
		filter.States = jobs.Unended()
	default:
		filter.States = []jobs.State{jobs.State(c.Status)}
	}
	page, err := use.Page(ctx, filter, c.Cursor, c.Limit)
	if err != nil {
		return err
	}
	if page.Next != nil {
		defer fmt.Fprintf(inv.stderr, "%s listed. To go on behind the last one: --cursor %s\n", operate.Count(int64(c.Limit), "job", "was", "were"), *page.Next)
	}
	return printing(c.output, inv, jobTable).list(page.Items, nil)
}

func jobTable(all ...jobs.Job) func(*table) {
	return func(t *table) {
		if len(all) == 0 {
			t.row("No jobs.")
			return
		}
		t.row("ID", "CREATED", "BY", "ACCOUNT", "ACT", "CHOSEN", "SWEPT", "STATE")
		for _, job := range all {
			t.row(job.ID, operate.Clock(job.CreatedAt), long(job.By), accountOrDash(job.AccountID), job.Act, job.Result.Chosen, job.Swept, job.State)
		}
	}
}

type jobShowCommand struct {
	output
	ofAccount
	ID   int64 `arg:"" help:"Number of the job."`
	Wait bool  `help:"Wait until it has ended and, of a replay, up to 10s longer for what becomes of the hits. Ctrl-C ends the wait and not the job."`
}

const (
	// jobLook is how often a job that is waited for is looked at.
	jobLook = 500 * time.Millisecond
	// jobFollow is how long is waited for what becomes of its hits.
	jobFollow = 10 * time.Second
)

// Run shows a job. It fails when the job has failed.
func (c *jobShowCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.jobs()
	if err != nil {
		return err
	}
	job, err := use.Show(ctx, c.Account, c.ID)
	if err == nil && c.Wait {
		job, err = c.watch(ctx, inv, use, job)
	}
	if err != nil {
		return err
	}
	if err := printing(c.output, inv, jobSheet).one(job, nil); err != nil {
		return err
	}
	if job.State == jobs.Failed {
		return failure.WithHint(fmt.Errorf("job %d has failed", job.ID), "mend what is wrong and create it again: it does the rest")
	}
	return nil
}

// watch looks at a job until it has ended, with progress on stderr.
func (c *jobShowCommand) watch(ctx context.Context, inv *invocation, use jobs.Jobs, job jobs.Job) (jobs.Job, error) {
	bars := &progressBars{out: inv.stderr}
	defer bars.finish()
	var ended time.Time
	for {
		bars.draw("swept", job.Swept, job.Result.Chosen)
		if job.State.Ended() && ended.IsZero() {
			ended = time.Now()
		}
		if job.State.Ended() && (job.Followed || time.Since(ended) >= jobFollow) {
			return job, nil
		}
		select {
		case <-ctx.Done():
			return job, context.Cause(ctx)
		case <-time.After(jobLook):
		}
		var err error
		if job, err = use.Show(ctx, c.Account, c.ID); err != nil {
			return job, err
		}
	}
}

// jobSheet has all of a job.
func jobSheet(all ...jobs.Job) func(*table) {
	return func(t *table) {
		for i := range all {
			job := &all[i]
			t.row("job", job.ID)
			t.row("act", fmt.Sprintf("%s dead letters of %s, at most %g a second", job.Act, jobAccount(job.AccountID), job.PerSecond))
			t.row("act id", job.Result.Act)
			t.row("by", job.By)
			t.row("note", cmp.Or(job.Note, "-"))
			t.row("state", job.State)
			if job.Problem != "" {
				t.row("problem", long(job.Problem))
			}
			t.row("created", operate.Clock(job.CreatedAt))
			t.row("started", timeText(job.StartedAt))
			t.row("ended", timeText(job.EndedAt))
			t.row("swept", fmt.Sprintf("%d of %d", job.Swept, job.Result.Chosen))
			t.row()
			deadReasonTable(t, job.Result.Reasons)
			t.row()
			jobResult(t, job)
		}
	}
}

// jobResult writes what a job has done.
func jobResult(t *table, job *jobs.Job) {
	if job.State == jobs.Waiting {
		t.row("It waits for its turn. A process with the API carries it out: integr8 web or integr8 up.")
		return
	}
	t.row(fmt.Sprintf("%s %s.%s", operate.Share(job.Result.Done(), job.Result.Chosen, "dead letter", "was", "were"), dead.VerbOf(job.Act), skippedText(&job.Result)))
	deadEnds(t, &job.Result)
}

func jobAccount(account int64) string {
	if account == 0 {
		return "all accounts"
	}
	return "account " + strconv.FormatInt(account, 10)
}

type jobCancelCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the job."`
}

// Run cancels a job. It fails when the job has ended otherwise.
func (c *jobCancelCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.jobs()
	if err != nil {
		return err
	}
	job, err := use.Cancel(ctx, c.Account, c.ID)
	if err != nil {
		return err
	}
	if job.State == jobs.Done || job.State == jobs.Failed {
		return fmt.Errorf("job %d cannot be cancelled: it is %s", job.ID, job.State)
	}
	return printing(c.output, inv, jobTable).one(job, nil)
}

// deadPace is embedded in acts on dead letters that a job can carry out.
type deadPace struct {
	Rate       perSecond `placeholder:"N/s" help:"At most so many a second. Default: as fast as the broker confirms or the database writes; with --background 200/s."`
	Background bool      `xor:"background" help:"Create a job, which a process with the API carries out, and print its number: integr8 job show ID --wait shows how far it is."`
}

// order creates a job and prints it, once a person agrees.
func (p deadPace) order(ctx context.Context, inv *invocation, out output, order jobs.Order, consent func(dead.Result) error) error {
	use, err := inv.jobs()
	if err != nil {
		return err
	}
	order.PerSecond = float64(p.Rate)
	if consent != nil {
		estimate, err := use.Estimate(ctx, order)
		if err != nil {
			return err
		}
		if err := consent(estimate.Result); err != nil {
			return err
		}
	}
	job, err := use.Create(ctx, order)
	if err != nil {
		return err
	}
	for _, warning := range job.Result.Warnings {
		fmt.Fprintln(inv.stderr, "warning: "+printable(warning))
	}
	return out.print(inv, job, func(t *table) {
		t.row(fmt.Sprintf("Job %d: %s, at most %g a second. To see how far it is: integr8 job show %d --wait",
			job.ID, jobOrdered(&job), job.PerSecond, job.ID))
	})
}

// jobOrdered says what a job is to do.
func jobOrdered(job *jobs.Job) string {
	return operate.Counted(job.Result.Chosen, "dead letter") + " to " + string(job.Act)
}
