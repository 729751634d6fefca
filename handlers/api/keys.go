package api

import (
	"context"
	"net/http"

	"integr8/handlers/operate"
	"integr8/handlers/operate/keys"
)

// addKeys registers the operations on keys. None creates a key: people do, by command or in
// the console. A key that somebody has copied could make others, which work on when it is
// revoked; a person's session ends, and the history has his name.
func (a *api) addKeys() {
	list := get("list-keys", "/keys", tagReference, "List the keys of this API", "By number, by their first characters. People make them: `integr8 key create` at the servers, or an admin in the console. A key makes none, since one that somebody has copied could make others that outlive it.")
	list.role = keys.Admin
	revoke := operation{id: "revoke-key", method: http.MethodPost, path: "/keys/{id}/revoke", tag: tagReference, access: access{role: keys.Admin},
		summary: "Make a key open nothing any more, at once", description: "It may be sent again: a key that is revoked keeps its time."}
	add(a, list, a.keys)
	add(a, revoke, shown(a.Keys.Revoke))
}

type keysAsked struct {
	Scope
	Paging
	Operator bool `query:"operator" doc:"Only operators' keys, which only such a key sees."`
	Current  bool `query:"current" doc:"Only those that are not revoked."`
}

func (a *api) keys(ctx context.Context, in *keysAsked) (operate.Page[keys.Key], error) {
	account, err := in.account(ctx)
	if err != nil {
		return operate.Page[keys.Key]{}, err
	}
	all, err := a.Keys.List(ctx, keys.Filter{Account: account, Operator: in.Operator, Current: in.Current})
	if err != nil {
		return operate.Page[keys.Key]{}, err
	}
	return operate.PageByNumber(all, in.Cursor, in.Limit, func(key *keys.Key) int64 { return key.ID })
}
