package jobs

import (
	"time"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// Object is the name of a job in errors.
const Object reference.Object = "job"

// Job is an act on dead letters that the system carries out.
type Job struct {
	ID int64 `json:"id"`
	// AccountID is the only account whose letters it works on; 0 for all.
	AccountID int64       `json:"account_id"`
	Act       history.Act `json:"act" enum:"replay,discard,undo,note"`
	// Filter matches the letters as they were at CreatedAt.
	Filter dead.Filter `json:"filter"`
	// PerSecond bounds how many letters it works on a second.
	PerSecond float64 `json:"per_second"`
	By        string  `json:"by"`
	Note      string  `json:"note,omitempty"`
	State     State   `json:"state" enum:"waiting,running,cancelling,cancelled,done,failed"`
	// Problem is why it failed, or why it does not go on now.
	Problem string `json:"problem,omitempty"`
	// Swept counts the chosen letters that it has looked at.
	Swept int64 `json:"swept"`
	// Result is the estimate until the job begins, and then what it has done. Became and
	// OnTheWay of a replay are looked up again and again, until Followed.
	Result dead.Result `json:"result"`
	// Followed is set when what became of the hits is final, or was not heard of for an hour.
	Followed  bool       `json:"followed"`
	CreatedAt time.Time  `json:"created_at"`
	StartedAt *time.Time `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
}

// State is the state of a job.
type State string

// The states. A job that is cancelling ends with the letters that its process works on.
const (
	Waiting    State = "waiting"
	Running    State = "running"
	Cancelling State = "cancelling"
	Cancelled  State = "cancelled"
	Done       State = "done"
	Failed     State = "failed"
)

// States lists the states in the order of a job's life.
func States() []State { return []State{Waiting, Running, Cancelling, Cancelled, Done, Failed} }

// Unended lists the states in which a job has not ended.
func Unended() []State { return States()[:3] }

// Ended reports whether nothing more is done.
func (s State) Ended() bool { return s == Cancelled || s == Done || s == Failed }

// Recorded returns a job as the history holds its creation.
func (j *Job) Recorded(act dead.Act) history.Change {
	change := act.Recorded()
	fields := history.Fields{"job_act": j.Act, "per_second": j.PerSecond}
	for name, value := range change.New.(history.Fields) {
		fields[name] = value
	}
	return history.Of(history.Job, j.AccountID, j.ID, history.Create, nil, fields)
}

// RecordedCancel returns the cancelling of a job as the history holds it.
func RecordedCancel(before, after *Job) history.Change {
	return history.Of(history.Job, before.AccountID, before.ID, history.Cancel,
		history.Fields{"state": before.State}, history.Fields{"state": after.State})
}
