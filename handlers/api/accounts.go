package api

import (
	"context"
	"net/http"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
)

// Accounts are of the whole system: a key of one neither sees nor makes others.

// addAccounts registers the operations on accounts.
func (a *api) addAccounts() {
	list := get("list-accounts", "/accounts", tagSystem, "List accounts", "By number. "+forOperators)
	show := get("show-account", "/accounts/{id}", tagSystem, "Show an account", etagIsVersion+" "+forOperators)
	create := editing("create-account", http.MethodPost, "/accounts", "Create an account")
	edit := editing("edit-account", http.MethodPatch, "/accounts/{id}", "Edit an account")
	create.tag, edit.tag = tagSystem, tagSystem
	create.description, edit.description = create.description+" "+forOperators, edit.description+" "+forOperators
	for _, o := range []*operation{&list, &show, &create, &edit} {
		o.whole = true
	}
	add(a, list, a.accounts)
	addWhole(a, show, a.showAccount)
	add(a, create, a.createAccount)
	addWhole(a, edit, a.editAccount)
}

// forOperators is the sentence of a description.
const forOperators = "For an operator's key."

type accountsAsked struct {
	Paging
	Name string `query:"name" maxLength:"200" doc:"Only those whose name has this in it, in either case."`
}

func (a *api) accounts(ctx context.Context, in *accountsAsked) (operate.Page[reference.Account], error) {
	all, err := a.Accounts.List(ctx, in.Name)
	if err != nil {
		return operate.Page[reference.Account]{}, err
	}
	return operate.PageByNumber(all, in.Cursor, in.Limit, func(account *reference.Account) int64 { return account.ID })
}

// AccountAsked names an account.
type AccountAsked struct {
	ID int64 `path:"id" minimum:"1" doc:"Its number."`
}

func (a *api) showAccount(ctx context.Context, in *AccountAsked) (*tagged[reference.Account], error) {
	account, err := a.Accounts.Show(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &tagged[reference.Account]{tag(account), account}, nil
}

type accountCreated struct {
	IdempotencyKey
	Body reference.AccountForm
}

func (a *api) createAccount(ctx context.Context, in *accountCreated) (reference.Changed[reference.Account], error) {
	return createOnce(ctx, in.IdempotencyKey, 0, reference.AccountObject, in.Body, a.Accounts.Show,
		func(ctx context.Context) (reference.Account, reference.Warnings, error) {
			return a.Accounts.Create(ctx, in.Body.Name, in.Body.TimeZone)
		})
}

type accountEdited struct {
	AccountAsked
	IfMatch string `header:"If-Match" required:"true" minLength:"1" maxLength:"200" doc:"The ETag of the account as it was read, or *."`
	Body    reference.AccountEditForm
}

func (a *api) editAccount(ctx context.Context, in *accountEdited) (*tagged[reference.Changed[reference.Account]], error) {
	return editMatching(ctx, in.IfMatch, func(ctx context.Context) (reference.Account, reference.Warnings, error) {
		change, err := in.Body.Change()
		if err != nil {
			return reference.Account{}, nil, err
		}
		return a.Accounts.Edit(ctx, in.ID, change)
	})
}
