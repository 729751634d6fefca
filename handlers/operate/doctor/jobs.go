package doctor

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/jobs"
)

// jobsSilence is longer than any turn of a job.
const jobsSilence = time.Minute

// jobStore reads jobs.
type jobStore interface {
	// StalledJobs returns how many jobs have not ended, where no process has worked on any
	// for that long; else 0.
	StalledJobs(ctx context.Context, silence time.Duration) (int64, error)
	// Jobs reads at most limit jobs that match the filter, the newest first.
	Jobs(ctx context.Context, filter jobs.Filter, before int64, limit int) ([]jobs.Job, error)
}

// jobs looks for jobs that do not go on.
func (e *examination) jobs(ctx context.Context, db Store) {
	stalled, err := db.StalledJobs(ctx, jobsSilence)
	if err != nil {
		e.failed("jobs", err)
		return
	}
	if stalled > 0 {
		e.warn("jobs", Party{}, operate.Count(stalled, "job", "waits, and no process carries it out", "wait, and no process carries them out"),
			"start `integr8 web`, or `integr8 up` with INTEGR8_WEB_ADDR")
	}
	unended, err := db.Jobs(ctx, jobs.Filter{States: jobs.Unended()}, 0, jobs.MostUnended)
	if err != nil {
		e.failed("jobs", err)
		return
	}
	for _, job := range unended {
		if job.Problem != "" {
			e.warn("jobs", Party{}, fmt.Sprintf("job %d does not go on: %s", job.ID, job.Problem), fmt.Sprintf("`integr8 job show %d`", job.ID))
		}
	}
}
