package api

import (
	"context"
	"errors"

	"integr8/handlers/operate"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/reference"
)

type jobsAsked struct {
	Scope
	Paging
	State jobs.State `query:"state" enum:"waiting,running,cancelling,cancelled,done,failed" doc:"Only those in this state."`
}

func (a *api) jobs(ctx context.Context, in *jobsAsked) (operate.Page[jobs.Job], error) {
	account, err := in.account(ctx)
	if err != nil {
		return operate.Page[jobs.Job]{}, err
	}
	filter := jobs.Filter{Account: account}
	if in.State != "" {
		filter.States = []jobs.State{in.State}
	}
	return a.Jobs.Page(ctx, filter, in.Cursor, in.Limit)
}

// orderOf returns the order of a request.
func orderOf(ctx context.Context, scope Scope, form jobs.Form) (jobs.Order, error) {
	account, err := scope.account(ctx)
	if err != nil {
		return jobs.Order{}, err
	}
	return form.Order(account, operatorOf(ctx, form.Note))
}

type jobAsked struct {
	Scope
	Body jobs.Form
}

func (a *api) estimateJob(ctx context.Context, in *jobAsked) (jobs.Estimate, error) {
	order, err := orderOf(ctx, in.Scope, in.Body)
	if err != nil {
		return jobs.Estimate{}, err
	}
	return a.Jobs.Estimate(ctx, order)
}

type jobCreated struct {
	Scope
	IdempotencyKey
	Body jobs.Form
}

func (a *api) createJob(ctx context.Context, in *jobCreated) (jobs.Job, error) {
	order, err := orderOf(ctx, in.Scope, in.Body)
	if err != nil {
		return jobs.Job{}, err
	}
	account := order.Filter.AccountID
	if ctx, err = in.once(ctx, account, jobs.Object, in.Body); err != nil {
		return jobs.Job{}, err
	}
	job, err := a.Jobs.Create(ctx, order)
	var before *reference.CreatedBeforeError
	if errors.As(err, &before) {
		return a.Jobs.Show(ctx, account, before.ID)
	}
	return job, err
}
