package receiver

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"integr8/pipeline/connection"
	"integr8/pipeline/deadline"
	"integr8/pipeline/hit"
)

// Receiver is the doors. Make one with New, and serve it with NewServer.
type Receiver struct {
	options  Options
	redactor hit.Redactor
	places   chan struct{}
	senders  allowance
	// refusals bounds what is recorded of requests that are refused, and
	// ownRefusals, past that, of those that name a token that exists; unknown
	// bounds what is kept for long of hits with a token that is not known.
	refusals, ownRefusals, unknown quota
	failures                       *alarm
	// connections is set once they are taken.
	connections atomic.Pointer[connection.Listener]
	// patience bounds what the queue may take.
	patience *deadline.Shared
}

// New checks the options and makes the doors.
func New(options Options) (*Receiver, error) {
	if err := options.complete(); err != nil {
		return nil, err
	}
	senders, err := newAllowance(options.MaxPerSender, options.MaxPerSender, senderOf)
	if err != nil {
		return nil, err
	}
	var quotas [3]quota
	for i, perNetwork := range [...]int{options.JunkPerNetwork, 0, options.JunkPerNetwork} {
		perSecond := options.JunkPerSecond
		if i == 1 {
			perSecond *= ownJunk
		}
		if quotas[i], err = newQuota(perSecond, perNetwork); err != nil {
			return nil, err
		}
	}
	return &Receiver{
		options:  options,
		redactor: hit.Redactor{IsToken: options.Directory.IsToken, HasImported: options.Directory.HasImportedTokens, MaxValueBytes: options.MaxValueBytes},
		places:   make(chan struct{}, options.MaxConcurrent),
		senders:  senders,
		refusals: quotas[0], ownRefusals: quotas[1], unknown: quotas[2],
		failures: &alarm{logger: options.Logger, every: time.Second},
		patience: deadline.New(context.Background(), options.PublishTimeout),
	}, nil
}

// door is one way in.
type door struct {
	kind hit.Kind
	// allow lists the methods, as the header of a 405 does.
	allow string
	// serve decides what to answer to a visit that counts.
	serve func(*Receiver, *visit) answer
	// peek decides what to answer to HEAD.
	peek func(*Receiver, *visit) answer
}

// doorAt finds the door of a path; a slash at its end and doubled ones are
// forgiven.
func doorAt(path string) (door, bool) {
	for strings.HasPrefix(path, "//") {
		path = path[1:]
	}
	for len(path) > 1 && strings.HasSuffix(path, "/") {
		path = path[:len(path)-1]
	}
	switch path {
	case "/", "/postback":
		return door{hit.Postback, "GET, HEAD, POST", (*Receiver).postback, (*Receiver).peekPostback}, true
	case "/click":
		return door{hit.Click, "GET, HEAD", (*Receiver).click, (*Receiver).peekClick}, true
	case "/pixel":
		return door{hit.Pixel, "GET, HEAD", (*Receiver).pixel, (*Receiver).peekPixel}, true
	case "/clickless":
		return door{hit.Clickless, "GET, HEAD, POST", (*Receiver).clickless, (*Receiver).peekPostback}, true
	}
	return door{}, false
}

// Serve answers one request. A panic is answered 500 and hurts no other
// request.
func (rc *Receiver) Serve(ctx *fasthttp.RequestCtx) { rc.serve(ctx, false) }

// serve is Serve, also for a request whose body is too large and was not read.
func (rc *Receiver) serve(ctx *fasthttp.RequestCtx, bodyTooLarge bool) {
	began := time.Now()
	var d door
	defer func() {
		if value := recover(); value != nil {
			rc.options.Logger.Error("a door panicked", "kind", d.kind, "panic", describePanic(value), "stack", string(debug.Stack()))
			ctx.Response.Reset()
			rc.reply(ctx, d.kind, panicked(), began)
		}
	}()
	v, err := visitOf(ctx)
	if err != nil {
		rc.reply(ctx, "", unreadable(), began)
		return
	}
	v.bodyTooLarge = bodyTooLarge
	var known bool
	d, known = doorAt(v.path)
	rc.reply(ctx, d.kind, rc.admit(d, known, v), began)
}

// reply puts an answer on the wire, and tells of it. A sender that exceeds a
// bound does not go on with its connection.
func (rc *Receiver) reply(ctx *fasthttp.RequestCtx, kind hit.Kind, a answer, began time.Time) {
	a.kind = kind
	a.write(ctx)
	if a.endsConn() {
		ctx.SetConnectionClose()
		if c, ok := ctx.Conn().(*conn); ok {
			c.linger.Store(true)
		}
	}
	rc.options.Observe(Observation{
		Kind: kind, Result: a.result, Refusal: a.refusal, Status: a.status,
		TokenLeaked: a.tokenLeaked, Duration: time.Since(began),
	})
}

// admit keeps the bounds on requests, at once and of one sender.
func (rc *Receiver) admit(d door, known bool, v *visit) answer {
	if rc.senders.perSecond > 0 && !rc.senders.permits(originOf(v, rc.options.TrustedProxies).clientIP, rc.options.Clock()) {
		return tooMany(rc.senders.perSecond)
	}
	select {
	case rc.places <- struct{}{}:
		defer func() { <-rc.places }()
	default:
		return overloaded()
	}
	return rc.route(d, known, v)
}

// describePanic names the panic's type and, where it comes from the runtime,
// its text: any other may hold a value of the request.
func describePanic(value any) string {
	var fault runtime.Error
	if err, ok := value.(error); ok && errors.As(err, &fault) {
		return fault.Error()
	}
	return fmt.Sprintf("%T", value)
}

func (rc *Receiver) route(d door, known bool, v *visit) answer {
	switch {
	case len(v.target) > rc.options.MaxURLBytes:
		return rc.turnAway(v, d.kind, tooLarge(fasthttp.StatusRequestURITooLong, "the URL is too long", rc.options.MaxURLBytes))
	case !known:
		return rc.turnAway(v, hit.Postback, notFound(hit.UnknownPath))
	case !allows(d.allow, v.method):
		return rc.turnAway(v, d.kind, methodNotAllowed(d.allow))
	case v.method == methodHead:
		return d.peek(rc, v)
	}
	return d.serve(rc, v)
}

func allows(list, method string) bool {
	for allowed := range strings.SplitSeq(list, ", ") {
		if method == allowed {
			return true
		}
	}
	return false
}
