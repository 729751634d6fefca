package api

import (
	"context"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/queues"
)

// What follows is of the whole system: queues and receivers are shared by all accounts.

type auditAsked struct {
	Since time.Time `query:"since" doc:"Only what was promised since. Default all that is known."`
}

func (a *api) audit(ctx context.Context, in *auditAsked) (audit.Balance, error) {
	balance, err := a.Audits.Balance(ctx, in.Since)
	if balance.Unasked != "" {
		a.Logger.Warn("the broker could not be asked for an audit", "error", balance.Unasked)
		balance.Unasked = "the broker could not be asked, so that hits may be in a queue which are not in the database"
	}
	return balance, err
}

func (a *api) queues(ctx context.Context, _ *struct{}) (operate.Page[queues.Queue], error) {
	view, err := a.Queues.Look(ctx)
	if err != nil {
		return operate.Page[queues.Queue]{}, err
	}
	if view.Unasked != nil {
		a.Logger.Warn("the workers could not be asked what they do", "error", view.Unasked)
	}
	return operate.Page[queues.Queue]{Items: view.Queues}, nil
}
