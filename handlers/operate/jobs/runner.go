package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/dead"
)

const (
	// Slots is how many jobs a process works on at a time.
	Slots = 3
	// TurnTime is how long it works on a job before it looks for one that has waited longer.
	TurnTime = 10 * time.Second
	// Interval is that of the rounds of a slot: how soon a new job begins, and how soon what
	// an outage has stopped goes on.
	Interval = time.Second
	// beat is how often a job's state is looked at while it runs: how soon it is cancelled.
	beat = 300 * time.Millisecond
	// silence is the time without a beat after which the server takes the job away, because
	// its process hangs. The jobs of a process that has died are free at once.
	silence = 20 * time.Second
	// kept is how long a job is kept after its end.
	kept = 90 * 24 * time.Hour
)

// RunStore holds jobs for those that carry them out.
type RunStore interface {
	// TakeJob takes the job whose turn is next, and which nobody else has; nil when there
	// is none.
	TakeJob(ctx context.Context, silence time.Duration) (*Taken, error)
	// KeepUnderWay is that of a dead.Keeper. The error is ErrLost when another run has
	// the job, as that of the others is.
	KeepUnderWay(ctx context.Context, run Run, letters []dead.Mark) error
	// SettleInJob is Settle of a dead.Keeper.
	SettleInJob(ctx context.Context, run Run, letters []dead.Letter, act dead.Act, reached func(map[uuid.UUID]dead.Status) dead.Checkpoint) error
	// EndJob ends a job.
	EndJob(ctx context.Context, run Run, state State) error
	// DelayJob keeps why a job does not go on. With failed it has failed once more, and
	// ends as Failed after most times without progress between them.
	DelayJob(ctx context.Context, run Run, problem string, failed bool, most int) (State, error)
	// FollowReplay looks what became of the hits of one job for which that is due; false
	// when it is for none.
	FollowReplay(ctx context.Context) (bool, error)
	// ForgetJobs deletes jobs that ended longer ago than age.
	ForgetJobs(ctx context.Context, age time.Duration) error
}

// Run is one time that a process takes a job.
type Run struct{ Job, Number int64 }

// Taken is a job that a process has taken.
type Taken struct {
	Run
	State State
	Kept  dead.Kept
	Lock  Lock
}

// Lock is what nobody else has while a process works on a job.
type Lock interface {
	// Beat keeps the lock, and returns the job's state.
	Beat(ctx context.Context) (State, error)
	// Release may be called once.
	Release()
}

// Runner carries jobs out. It is safe for concurrent use.
type Runner struct {
	Store   RunStore
	Letters dead.Letters
	Logger  *slog.Logger
	// Observe is called when a job has ended.
	Observe func(State)
}

// Round works on jobs until there are none that nobody else works on, or ctx ends. The
// letters that are under way are settled then. Its error is that of an outage, mostly, after
// which a later round goes on.
func (r *Runner) Round(ctx context.Context) error {
	for {
		if worked, err := r.turn(ctx); err != nil || !worked || ctx.Err() != nil {
			return err
		}
	}
}

// Follow looks what became of the hits of replays for which that is due.
func (r *Runner) Follow(ctx context.Context) error {
	for {
		if followed, err := r.Store.FollowReplay(ctx); err != nil || !followed {
			return err
		}
	}
}

// Forget deletes jobs that ended long ago.
func (r *Runner) Forget(ctx context.Context) error { return r.Store.ForgetJobs(ctx, kept) }
