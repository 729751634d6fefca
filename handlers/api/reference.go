package api

import (
	"context"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
)

// ObjectAsked names an object of an account.
type ObjectAsked struct {
	Scope
	ID int64 `path:"id" minimum:"1" doc:"Its number."`
}

// NamedAsked are the parameters of a list of what has a name.
type NamedAsked struct {
	Scope
	Paging
	Name string `query:"name" maxLength:"200" doc:"Only those whose name has this in it, in either case."`
}

type offersAsked struct {
	NamedAsked
	Advertiser int64              `query:"advertiser" minimum:"1" doc:"Only this advertiser's."`
	Status     attribution.Status `query:"status" enum:"active,paused" doc:"Only those that are active, or paused."`
}

func (a *api) offers(ctx context.Context, in *offersAsked) (operate.Page[reference.Offer], error) {
	account, err := in.account(ctx)
	if err != nil {
		return operate.Page[reference.Offer]{}, err
	}
	all, err := a.Offers.List(ctx, reference.OfferFilter{Account: account, Advertiser: in.Advertiser, Name: in.Name, Status: in.Status})
	if err != nil {
		return operate.Page[reference.Offer]{}, err
	}
	return operate.PageByNumber(all, in.Cursor, in.Limit, func(o *reference.Offer) int64 { return o.ID })
}

type publishersAsked struct {
	NamedAsked
	Status attribution.Status `query:"status" enum:"active,paused" doc:"Only those that are active, or paused."`
}

func (a *api) publishers(ctx context.Context, in *publishersAsked) (operate.Page[reference.Publisher], error) {
	account, err := in.account(ctx)
	if err != nil {
		return operate.Page[reference.Publisher]{}, err
	}
	all, err := a.Publishers.List(ctx, reference.PublisherFilter{Account: account, Name: in.Name, Status: in.Status})
	if err != nil {
		return operate.Page[reference.Publisher]{}, err
	}
	return operate.PageByNumber(all, in.Cursor, in.Limit, func(p *reference.Publisher) int64 { return p.ID })
}

func (a *api) advertisers(ctx context.Context, in *NamedAsked) (operate.Page[reference.Advertiser], error) {
	account, err := in.account(ctx)
	if err != nil {
		return operate.Page[reference.Advertiser]{}, err
	}
	all, err := a.Advertisers.List(ctx, account, in.Name)
	if err != nil {
		return operate.Page[reference.Advertiser]{}, err
	}
	return operate.PageByNumber(all, in.Cursor, in.Limit, func(a *reference.Advertiser) int64 { return a.ID })
}

type domainsAsked struct {
	Scope
	Paging
	Host string `query:"host" maxLength:"300" doc:"Only those whose host has this in it."`
}

func (a *api) domains(ctx context.Context, in *domainsAsked) (operate.Page[reference.Domain], error) {
	account, err := in.account(ctx)
	if err != nil {
		return operate.Page[reference.Domain]{}, err
	}
	all, err := a.Domains.List(ctx, account, in.Host)
	if err != nil {
		return operate.Page[reference.Domain]{}, err
	}
	return operate.PageByNumber(all, in.Cursor, in.Limit, func(d *reference.Domain) int64 { return d.ID })
}

type tokensAsked struct {
	Scope
	Paging
	Offer   int64    `query:"offer" minimum:"1" doc:"Only the offer-level tokens of this offer."`
	Global  bool     `query:"global" doc:"Only global tokens."`
	For     hit.Kind `query:"for" enum:"postback,pixel,clickless" doc:"Only those that serve this way in: made for it, or for every way."`
	Current bool     `query:"current" doc:"Only those that are still valid."`
}

func (a *api) tokens(ctx context.Context, in *tokensAsked) (operate.Page[reference.Token], error) {
	account, err := in.account(ctx)
	if err != nil {
		return operate.Page[reference.Token]{}, err
	}
	all, err := a.Tokens.List(ctx, reference.TokenFilter{Account: account, Offer: in.Offer, Global: in.Global, Serves: in.For, Current: in.Current})
	if err != nil {
		return operate.Page[reference.Token]{}, err
	}
	return operate.PageByNumber(all, in.Cursor, in.Limit, func(t *reference.Token) int64 { return t.ID })
}

// shown returns an operation that shows one object of an account.
func shown[T any](show func(ctx context.Context, account, id int64) (T, error)) func(context.Context, *ObjectAsked) (T, error) {
	return func(ctx context.Context, in *ObjectAsked) (T, error) {
		account, err := in.account(ctx)
		if err != nil {
			var none T
			return none, err
		}
		return show(ctx, account, in.ID)
	}
}
