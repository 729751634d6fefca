package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/keys"
	"integr8/pipeline/connection"
)

// access is what an operation demands of a key.
type access struct {
	role keys.Role
	// whole is set for figures of the whole system, which only an operator's key opens.
	whole bool
}

// accessKey is the key of an operation's access in its metadata.
const accessKey = "access"

// admit lets a request through whose key may call the operation. What it demands is in
// the operation's metadata; an operation without any is open to nobody.
func (a *api) admit(ctx huma.Context, next func(huma.Context)) {
	demanded, ok := ctx.Operation().Metadata[accessKey].(access)
	if !ok {
		a.refuse(ctx, problem(forbidden, "nobody may call this operation", ""))
		return
	}
	key, refused := a.keyOf(ctx)
	if refused == nil {
		refused = demanded.refuse(key)
	}
	if refused != nil {
		a.refuse(ctx, refused)
		return
	}
	whole := context.WithValue(ctx.Context(), keyOfRequest{}, key)
	next(huma.WithContext(ctx, history.By(whole, actorOf(whole))))
}

// keyOfRequest is the key of the Key in the context of a request.
type keyOfRequest struct{}

// keyOf returns the key that a request carries, within its rate.
func (a *api) keyOf(ctx huma.Context) (keys.Key, *Problem) {
	scheme, text, _ := strings.Cut(ctx.Header("Authorization"), " ")
	text = strings.TrimSpace(text)
	if !strings.EqualFold(scheme, "Bearer") || text == "" {
		return keys.Key{}, problem(unauthorized, "the request has no key", "send the header Authorization: Bearer KEY; `integr8 key create` makes a key")
	}
	key, refused := a.lookUp(ctx, text)
	if refused != nil {
		return keys.Key{}, refused
	}
	wait := a.limits.Take(key.ID, time.Now())
	if wait == 0 {
		return key, nil
	}
	p := problem(tooManyRequests, fmt.Sprintf("more than %d requests a second", a.Rate), "wait as long as Retry-After says; INTEGR8_WEB_RATE sets the rate")
	p.retryAfter = wait
	return keys.Key{}, p
}

// lookUpTime bounds the look-up of a key, which takes milliseconds: a database that hangs
// shows at once.
const lookUpTime = 5 * time.Second

// lookUp returns the key of a text, unless its sender has sent too many wrong ones.
func (a *api) lookUp(ctx huma.Context, text string) (keys.Key, *Problem) {
	request, _ := humago.Unwrap(ctx)
	sender := a.senderOf(request)
	if wait := a.wrong.wait(sender, text, time.Now()); wait > 0 {
		p := problem(tooManyRequests, "too many wrong keys came from the address of the client", "wait as long as Retry-After says, and mend the key; INTEGR8_WEB_WRONG_KEYS sets how many are too many")
		p.retryAfter = wait
		return keys.Key{}, p
	}
	limited, cancel := context.WithTimeout(ctx.Context(), lookUpTime)
	defer cancel()
	key, err := a.Keys.Use(limited, text)
	switch {
	case err == nil:
		a.wrong.opened(text)
		return key, nil
	case errors.Is(err, keys.ErrUnknown):
		a.wrong.add(sender, text, time.Now())
	case limited.Err() != nil && ctx.Context().Err() == nil:
		a.Logger.Warn("a key of the API cannot be looked up", "error", err)
		p := problem(unavailable, "the database has not answered for "+lookUpTime.String(), outageHint)
		p.retryAfter = retrySoon
		return keys.Key{}, p
	}
	return keys.Key{}, a.problemOf(ctx.Context(), "authentication", err)
}

// senderOf returns the address that wrong keys count for; invalid where there is none.
func (a *api) senderOf(request *http.Request) netip.Addr {
	remote, err := netip.ParseAddrPort(request.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	forwarded := strings.Join(request.Header.Values("X-Forwarded-For"), ",")
	return connection.SenderOf(connection.Client(remote.Addr().Unmap().WithZone(""), forwarded, a.TrustedProxies))
}

// refuse returns why a key may not call an operation; nil when it may.
func (d access) refuse(key keys.Key) *Problem {
	switch {
	case !key.Role.Includes(d.role):
		return problem(forbidden, fmt.Sprintf("the key has the role %s, and this needs %s", key.Role, d.role), "`integr8 key create --role "+string(d.role)+"` makes one that may")
	case d.whole && key.AccountID != nil:
		return problem(forbidden, "this is about the whole system, and the key is of one account", "`integr8 key create --operator` makes a key that may")
	default:
		return nil
	}
}

func (a *api) refuse(ctx huma.Context, p *Problem) {
	for name, values := range p.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	writeProblem(ctx.BodyWriter(), p)
}

// actorOf names the key of a request in records of who did what, as in Dashboard (key 3).
func actorOf(ctx context.Context) string {
	key, _ := ctx.Value(keyOfRequest{}).(keys.Key)
	return fmt.Sprintf("%s (key %d)", key.Name, key.ID)
}

// Scope is embedded in the parameters of operations that work in an account.
type Scope struct {
	Account int64 `query:"account" minimum:"1" doc:"Of an operator's key, the only account that the operation works in. A key of an account works in that one, and can name no other."`
}

// account returns the account that the operation works in; 0 for all, which only an
// operator's key gets.
func (s Scope) account(ctx context.Context) (int64, error) {
	key, ok := ctx.Value(keyOfRequest{}).(keys.Key)
	switch {
	case !ok:
		return 0, problem(forbidden, "the request has no key", "")
	case key.AccountID == nil:
		return s.Account, nil
	case s.Account == 0 || s.Account == *key.AccountID:
		return *key.AccountID, nil
	default:
		return 0, problem(forbidden, "the key does not open that account", "leave out account: the key works in its own")
	}
}

// one is account for an operation that works in one account only.
func (s Scope) one(ctx context.Context) (int64, error) {
	account, err := s.account(ctx)
	if err == nil && account == 0 {
		err = problem(invalid, "the key opens all accounts, and no account is named", "name the account: ?account=ID")
	}
	return account, err
}
