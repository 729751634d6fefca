package api

import (
	"context"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/history"
)

type historyAsked struct {
	Scope
	Paging
	Noun  history.Noun `query:"noun" enum:"account,advertiser,publisher,offer,domain,token,key,user,dead,job,queue,retention,secret,alert,webhook" doc:"Only changes of such an object; dead for acts on dead letters."`
	ID    string       `query:"id" maxLength:"100" doc:"With noun: only changes of this one, by its number; of a secret by its fingerprint, and of dead by the act."`
	By    string       `query:"by" maxLength:"200" doc:"Only changes by those with this text in their name, in either case; with = before it, by the one of exactly this name."`
	Since time.Time    `query:"since" doc:"Only changes since."`
	Until time.Time    `query:"until" doc:"Only changes until then."`
}

func (a *api) history(ctx context.Context, in *historyAsked) (operate.Page[history.Entry], error) {
	var page operate.Page[history.Entry]
	account, err := in.account(ctx)
	if err != nil {
		return page, err
	}
	if in.ID != "" && in.Noun == "" {
		return page, problem(invalid, "id needs noun", "numbers of offers, tokens and others are counted apart: name the noun too")
	}
	var behind history.Cursor
	if err := readCursor(in.Cursor, &behind); err != nil {
		return page, err
	}
	filter := history.Filter{Account: account, Noun: in.Noun, ObjectID: in.ID, By: in.By, Since: in.Since, Until: in.Until}
	found, err := take(a.Histories.List(ctx, filter, behind, in.Limit+1), in.Limit+1)
	return operate.PageOf(found, in.Limit, func(entry *history.Entry) string { return history.Behind(*entry).String() }), err
}
