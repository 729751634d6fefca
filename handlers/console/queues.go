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
	}
	return rows
}

// queuesShown is the page of the queues.
type queuesShown struct {
	Looked item[queues.View]
	Rows   []queueRow
	Unread []string
}

func (c *Console) queuesPage(v *visit) error {
	ctx, cancel := context.WithTimeout(v.ctx(), patience)
	defer cancel()
	looked, balance := c.now.looked.get(ctx, 0), c.now.balanced.get(ctx, 0)
	show := queuesShown{Looked: looked, Rows: c.queueRows(looked.Value.Queues, balance.Value.Queues),
		Unread: c.unread(v, map[string]error{"queues": looked.Err, "the books": balance.Err})}
	if v.r.Header.Get("HX-Request") != "" {
		return c.renderPart(v, "queues", "table", show)
	}
	return c.render(v, http.StatusOK, "queues", "Queues", show)
}
