package api

import (
	"context"

	"github.com/google/uuid"

	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/search"
	"integr8/handlers/operate/trace"
)

type findAsked struct {
	Scope
	Body search.Question
}

func (a *api) find(ctx context.Context, in *findAsked) (search.Found, error) {
	account, err := in.account(ctx)
	if err != nil {
		return search.Found{}, err
	}
	named := reference.Named{Account: account, Offer: in.Body.Offer, Publisher: in.Body.Publisher}
	if err := named.Check(ctx, a.Named); err != nil {
		return search.Found{}, err
	}
	query, err := in.Body.Query(account)
	if err != nil {
		return search.Found{}, err
	}
	use := a.Searches
	use.Budget = a.Timeout / 2
	return use.Find(ctx, query)
}

type traceAsked struct {
	Scope
	ID string `path:"id" maxLength:"36" doc:"A receipt or a transaction_id, in any spelling."`
}

func (a *api) trace(ctx context.Context, in *traceAsked) (trace.Trace, error) {
	account, err := in.account(ctx)
	if err != nil {
		return trace.Trace{}, err
	}
	id, err := readID(in.ID)
	if err != nil {
		return trace.Trace{}, err
	}
	return a.Traces.Of(ctx, id, account)
}

// readID reads a receipt or a transaction_id.
func readID(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, problem(invalid, "the id is not 32 hex digits, with or without dashes", "copy it whole")
	}
	return id, nil
}
