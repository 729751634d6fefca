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

	Advertiser  int64  `query:"advertiser" minimum:"1" doc:"Only those of this advertiser's offers."`
	Publisher   int64  `query:"publisher" minimum:"1" doc:"Only those of this publisher."`
	Token       int64  `query:"token" minimum:"1" doc:"Only those with this token, by its number."`
	TokenDigest string `query:"token_digest" maxLength:"64" doc:"Only those with a token whose SHA-256 begins so: 8 to 64 hex digits."`
	Network     string `query:"network" maxLength:"50" doc:"Only those from this network: the /24 of an IPv4 address, or the /48 of an IPv6 address."`
	Text        string `query:"text" maxLength:"200" doc:"Only those with this text in the recorded request or in the error."`
	Act         string `query:"act" maxLength:"36" doc:"Only those that this act replayed or discarded."`

	Since  time.Time `query:"since" doc:"Only those that died since."`
	Until  time.Time `query:"until" doc:"Only those that died until then."`
	Status string    `query:"status" default:"attention" enum:"attention,open,silent,on_the_way,replayed,resolved,discarded,all" doc:"attention is open and silent, replayed is silent and on_the_way."`
}

func (f DeadFilter) filter(ctx context.Context) (dead.Filter, error) {
	account, err := f.account(ctx)
	if err != nil {
		return dead.Filter{}, err
	}
	filter := dead.Filter{
		AccountID: account, Reason: f.Reason, Kind: f.Kind, OfferID: f.Offer, AdvertiserID: f.Advertiser, PublisherID: f.Publisher,
		TokenID: f.Token, Text: f.Text, Since: f.Since, Until: f.Until,
	}
	if f.Status != "all" {
		filter.State = dead.State(f.Status)
	}
	if filter.TokenDigest, err = dead.ReadDigest(f.TokenDigest); err != nil {
		return filter, err
	}
	if filter.Network, err = dead.ReadNetwork(f.Network); err != nil {
		return filter, err
	}
	if f.Act != "" {
		if filter.Act, err = uuid.Parse(f.Act); err != nil {
			return filter, problem(invalid, "act is no id of an act on dead letters", "the history of a dead letter has it")
		}
	}
	return filter, nil
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

type deadCountsAsked struct {
	DeadFilter
	Senders int `query:"senders" minimum:"0" maximum:"1000" doc:"With the senders of each reason, by token, advertiser, publisher and network: of each kind at most so many, those with the most letters."`
}

// DeadCounts count dead letters by reason.
type DeadCounts struct {
	Items []dead.ReasonCount `json:"items"`
	// SendersAfter is set where there are more letters than senders are counted of.
	SendersAfter time.Time `json:"senders_after,omitzero" doc:"Senders are those of the newest 100,000 letters, which died after this time; absent where there are no more."`
}

func (a *api) deadReasons(ctx context.Context, in *deadCountsAsked) (counts DeadCounts, err error) {
	filter, err := in.filter(ctx)
	if err != nil {
		return counts, err
	}
	reasons, total, err := a.Letters.Summary(ctx, filter)
	if err == nil && in.Senders > 0 && total > 0 {
		counts.SendersAfter, err = a.Letters.Senders(ctx, filter, reasons, in.Senders)
	}
	counts.Items = append([]dead.ReasonCount{}, reasons...)
	return counts, err
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
