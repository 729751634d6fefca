package console

import (
	"context"
	"net/http"
	"strings"

	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/queues"
)

// queueRow is a queue with how far behind it is.
type queueRow struct {
	queues.Queue
	// Name is the queue's without the prefix that all have.
	Name string
	// Lag is the age of the oldest statement that has not passed the queue; nil for a queue
	// that statements do not pass.
	Lag *float64
	// In and Out are hits a second between the latest two looks at the books: promised by
	// receivers, and settled by workers. nil for a queue that has no books, or that was not
	// looked at twice.
	In, Out *float64
}

// busy reports whether anything is in the queue or wrong with it, or somebody takes it.
func (q queueRow) busy() bool {
	return q.Messages > 0 || q.InFlight > 0 || q.Hint != "" || q.Lag != nil || q.Consumers > 0
}

func (c *Console) queueRows(all []queues.Queue, lags []audit.Lag) []queueRow {
	rows := make([]queueRow, len(all))
	for i, queue := range all {
		rows[i].Queue, rows[i].Name = queue, strings.TrimPrefix(queue.Queue, c.Queues.Topology.Prefix)
		for _, lag := range lags {
			if lag.Queue == rows[i].Name {
				rows[i].Lag = &lag.LagSeconds
			}
		}
		if in, out, known := c.rates.of(rows[i].Name); known {
			rows[i].In, rows[i].Out = &in, &out
		}
	}
	return rows
}

// BackWithin is the time in which the next message of a retry queue comes back; empty for
// another queue, or an empty one.
func (q queueRow) BackWithin() string {
	delay, isRetry := strings.CutPrefix(q.Topic, "retry.")
	if !isRetry || q.Messages == 0 {
		return ""
	}
	return delay
}

// queuesShown is the page of the queues.
type queuesShown struct {
	Looked item[queues.View]
	Rows   []queueRow
	Unread []string
	Done   string
	// Pausable are the queues whose intake can be paused.
	Pausable []pausable
}

// pausable is a queue whose intake can be paused, with the pause that it has.
type pausable struct {
	Name  string
	Pause *queues.Pause
}

// pausables are the queues with a work of their own, by name.
func (c *Console) pausables(v *visit) ([]pausable, error) {
	pauses, err := c.Intake.Store.PausedQueues(v.ctx())
	if err != nil {
		return nil, err
	}
	all := make([]pausable, len(c.Intake.Topics))
	for i, name := range c.Intake.Topics {
		all[i].Name = name
		for _, pause := range pauses {
			if pause.Topic == name {
				all[i].Pause = &pause
			}
		}
	}
	return all, nil
}

// pauseQueue pauses a queue, or resumes it.
func (c *Console) pauseQueue(v *visit) error {
	act := c.Intake.Pause
	switch v.r.PathValue("act") {
	case "pause":
	case "resume":
		act = c.Intake.Resume
	default:
		return errNoPage
	}
	if _, err := act(v.ctx(), v.r.PathValue("queue"), v.r.PostFormValue("reason")); err != nil {
		return err
	}
	c.now.looked.forget()
	c.now.examined.forget()
	http.Redirect(v.w, v.r, "/queues?done="+v.r.PathValue("act"), http.StatusSeeOther)
	return nil
}

// pausesDone says what was done, by the parameter of the address that follows.
var pausesDone = map[string]string{
	"pause":  "Paused. Within seconds no worker takes hits from it; those that they have they finish.",
	"resume": "Resumed. Workers take hits again within seconds.",
}

func (c *Console) queuesPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.ctx(), patience)
	defer cancel()
	looked, balance := c.now.looked.get(ctx, 0), c.now.balanced.get(ctx, 0)
	pausable, unread := c.pausables(v)
	show := queuesShown{Looked: looked, Rows: c.queueRows(looked.Value.Queues, balance.Value.Queues), Pausable: pausable, Done: pausesDone[v.query("done")],
		Unread: c.unread(v, map[string]error{"queues": looked.Err, "the books": balance.Err, "who has paused queues": unread})}
	if v.r.Header.Get("HX-Request") != "" {
		return c.renderPart(v, "queues", "table", show)
	}
	return c.render(v, http.StatusOK, "queues", "Queues", show)
}
