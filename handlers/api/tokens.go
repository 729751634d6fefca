package api

import (
	"context"
	"net/http"

	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/links"
	"integr8/handlers/operate/reference"
)

// revealing is the access of operations that show secrets: who has a token may report
// conversions in the name of the account.
var revealing = access{role: keys.Admin}

// addTokens registers the operations on secure tokens.
func (a *api) addTokens() {
	addWhole(a, get("show-token", "/tokens/{id}", tagReference, "Show a secure token", "Without the secret. "+etagIsVersion), versioned(a.Tokens.Show))
	create := editing("create-token", http.MethodPost, "/tokens", "Create a secure token")
	create.description += " The answer has the token and the URL of its way in. Older tokens of the same scope stay valid until an edit ends them."
	add(a, create, created(a, reference.TokenObject, a.Links.Created,
		func(ctx context.Context, account int64, form reference.TokenForm) (reference.Token, reference.Warnings, error) {
			return a.Links.Create(ctx, account, form.Offer, form.For)
		}))
	take := editing("import-token", http.MethodPost, "/tokens/import", "Take over a secure token of another system")
	take.description += " Only its SHA-256 is stored, and no answer shows it."
	add(a, take, created(a, reference.TokenObject, a.Tokens.Show,
		func(ctx context.Context, account int64, form reference.TokenImportForm) (reference.Token, reference.Warnings, error) {
			imported, err := a.Tokens.Import(ctx, form.Import(account))
			return imported, nil, err
		}))
	addWhole(a, editing("edit-token", http.MethodPatch, "/tokens/{id}", "Say until when a secure token is valid"),
		edited(func(ctx context.Context, account, id int64, form reference.TokenEditForm) (reference.Token, reference.Warnings, error) {
			until, err := form.Deadline()
			if err != nil {
				return reference.Token{}, nil, err
			}
			after, err := a.Tokens.Edit(ctx, account, id, until)
			return after, nil, err
		}))

	urls := get("show-token-urls", "/tokens/{id}/urls", tagReference, "Show postback URL, pixel tags and clickless URL of a token",
		"With the secret, ready to paste. The log says which key has seen it.")
	current := get("show-current-tokens", "/tokens/current", tagReference, "Show the current tokens of an account, ready to paste",
		"The newest valid token of each scope and purpose, with the secret. The log says which key has seen them.")
	urls.access, current.access = revealing, revealing
	add(a, urls, a.tokenURLs)
	add(a, current, a.currentTokens)
}

func (a *api) tokenURLs(ctx context.Context, in *ObjectAsked) (links.Shown, error) {
	account, err := in.account(ctx)
	if err != nil {
		return links.Shown{}, err
	}
	found, err := a.Links.Show(ctx, account, in.ID)
	if err == nil {
		a.revealed(ctx, "account", found.AccountID, "token", in.ID)
	}
	return found, err
}

type currentAsked struct {
	Scope
	Offer int64 `query:"offer" minimum:"1" doc:"Of the offer-level tokens, only this offer's."`
}

func (a *api) currentTokens(ctx context.Context, in *currentAsked) (links.Current, error) {
	account, err := in.one(ctx)
	if err != nil {
		return links.Current{}, err
	}
	found, err := a.Links.Current(ctx, account, in.Offer)
	if err == nil {
		a.revealed(ctx, "account", account, "offer", in.Offer)
	}
	return found, err
}

// revealed logs who has seen which secrets.
func (a *api) revealed(ctx context.Context, of ...any) {
	a.Logger.Info("secure tokens were shown", append([]any{"by", actorOf(ctx)}, of...)...)
}
