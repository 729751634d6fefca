package api

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// DeadFilter is embedded in the parameters of what lists and counts dead letters.
type DeadFilter struct {
	Scope
	Reason outcome.Reason `query:"reason" maxLength:"100" doc:"Only those with this reason."`
	Kind   hit.Kind       `query:"kind" enum:"click,postback,pixel,clickless" doc:"Only those of this kind."`
	Offer  int64          `query:"offer" minimum:"1" doc:"Only those that name this offer."`
	Since  time.Time      `query:"since" doc:"Only those that died since."`
	Until  time.Time      `query:"until" doc:"Only those that died until then."`
	Status string         `query:"status" default:"attention" enum:"attention,open,silent,on_the_way,replayed,resolved,discarded,all" doc:"attention is open and silent, replayed is silent and on_the_way."`
}

func (f DeadFilter) filter(ctx context.Context) (dead.Filter, error) {
	account, err := f.account(ctx)
	filter := dead.Filter{AccountID: account, Reason: f.Reason, Kind: f.Kind, OfferID: f.Offer, Since: f.Since, Until: f.Until}
	if f.Status != "all" {
		filter.State = dead.State(f.Status)
	}
	return filter, err
}

type deadAsked struct {
	DeadFilter
	Paging
}

func (a *api) deadLetters(ctx context.Context, in *deadAsked) (operate.Page[dead.Listed], error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return operate.Page[dead.Listed]{}, err
	}
	var behind dead.Cursor
	if err := readCursor(in.Cursor, &behind); err != nil {
		return operate.Page[dead.Listed]{}, err
	}
	return a.Letters.Page(ctx, filter, behind, in.Limit)
}

func (a *api) deadReasons(ctx context.Context, in *DeadFilter) (operate.Page[dead.ReasonCount], error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return operate.Page[dead.ReasonCount]{}, err
	}
	reasons, _, err := a.Letters.Summary(ctx, filter)
	return operate.Page[dead.ReasonCount]{Items: reasons}, err
}

type letterAsked struct {
	Scope
	Receipt uuid.UUID `path:"receipt" format:"uuid" doc:"The receipt of its hit."`
}

type actAsked struct {
	Scope
	Body dead.Choice
}

func (a *api) replay(ctx context.Context, in *actAsked) (dead.Result, error) {
	account, err := in.account(ctx)
	if err != nil {
		return dead.Result{}, err
	}
	act, err := a.Letters.Replay(ctx, in.Body.Filter(account), operatorOf(ctx, in.Body.Note))
	if err != nil {
		return dead.Result{}, err
	}
	if act.Result.Chosen > 0 {
		// The result counts those that hold no hit.
		if err := act.Run(ctx, unseen); err != nil && !errors.Is(err, dead.ErrUnreplayable) {
			return dead.Result{}, err
		}
	}
	return act.Result, nil
}

func (a *api) discard(ctx context.Context, in *actAsked) (dead.Result, error) {
	account, err := in.account(ctx)
	if err != nil {
		return dead.Result{}, err
	}
	act, err := a.Letters.Discard(ctx, in.Body.Filter(account), operatorOf(ctx, in.Body.Note))
	if err != nil {
		return dead.Result{}, err
	}
	if act.Result.Chosen > 0 {
		if err := act.Run(ctx, unseen); err != nil {
			return dead.Result{}, err
		}
	}
	return act.Result, nil
}

func (a *api) note(ctx context.Context, in *actAsked) (dead.Result, error) {
	account, err := in.account(ctx)
	if err != nil {
		return dead.Result{}, err
	}
	act, err := a.Letters.Note(ctx, in.Body.Filter(account), operatorOf(ctx, in.Body.Note))
	if err != nil {
		return dead.Result{}, err
	}
	return act.Result, act.Run(ctx, unseen)
}

// unseen is the progress of an act that nobody watches.
func unseen(string, int64, int64) {}

// operatorOf names the key of a request for the record of who did what.
func operatorOf(ctx context.Context, note string) dead.Operator {
	return dead.Operator{Name: actorOf(ctx), Note: note}
}

func (a *api) deadLetter(ctx context.Context, in *letterAsked) (dead.Detail, error) {
	account, err := in.account(ctx)
	if err != nil {
		return dead.Detail{}, err
	}
	return a.Letters.Show(ctx, account, in.Receipt)
}
