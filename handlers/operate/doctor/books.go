package doctor

import (
	"context"
	"fmt"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/queues"
)

// auditHint says where the numbers are.
const auditHint = "`integr8 audit` lists their numbers and when they were promised; the senders have them still"

// lookTime bounds the look at the queues, so that a broker that hangs does not make the
// database look slow. It has checks of its own.
const lookTime = checkTime / 2

// books reports promised hits that are missing, as far as the queues can be asked.
func (e *examination) books(ctx context.Context, db Store) {
	if e.system.Broker == nil {
		return
	}
	looking, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	view, err := e.system.Broker.Queues(looking)
	if err != nil {
		return
	}
	balance, err := (audit.Audits{Store: db, Queues: audit.Looked{View: queues.View{Queues: view}}}).Balance(ctx, time.Time{})
	if err != nil {
		e.failed("books", err)
		return
	}
	if balance.Unaccounted == 0 {
		return
	}
	what := operate.Count(balance.Unaccounted, "promised hit", "is", "are") + " missing"
	if first := balance.Missing[0]; first.PromisedBefore != nil {
		what += fmt.Sprintf("; the first was promised before %s", operate.Clock(*first.PromisedBefore))
	}
	e.add(Finding{Level: Broken, Check: "books", What: what, Hint: auditHint, Count: balance.Unaccounted})
}
