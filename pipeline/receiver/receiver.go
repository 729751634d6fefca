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

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"integr8/pipeline/connection"
	"integr8/pipeline/deadline"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/redact"
)

// Receiver has the doors. New makes one, and NewServer serves it.
type Receiver struct {
	options  Options
	redactor redact.Redactor
	places   chan struct{}
	senders  allowance
	// refusals bounds how many refused requests are recorded; ownRefusals, beyond that,
	// how many with a token that exists; unknown bounds how many hits with an unknown token
	// are kept for longer than a day.
	refusals, ownRefusals, unknown quota
	failures                       *alarm
	// connections is set when the doors are served.
	connections atomic.Pointer[connection.Listener]
	// putDeadline bounds the time of a Put.
	putDeadline *deadline.Shared
}

// New checks the options and returns a Receiver.
func New(options Options) (*Receiver, error) {
	if err := options.complete(); err != nil {
		return nil, err
	}
	senders, err := newAllowance(options.MaxPerSender, options.MaxPerSender, connection.SenderOf)
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
		redactor: redact.Redactor{IsToken: options.Directory.IsToken, HasImported: options.Directory.HasImportedTokens, MaxValueBytes: options.MaxValueBytes},
		places:   make(chan struct{}, options.MaxConcurrent),
		senders:  senders,
		refusals: quotas[0], ownRefusals: quotas[1], unknown: quotas[2],
		failures:    &alarm{logger: options.Logger, every: time.Second},
		putDeadline: deadline.New(context.Background(), options.PublishTimeout),
	}, nil
}

// Serve handles one request. A panic is logged, its response is 500, and it affects no
// other request.
func (rc *Receiver) Serve(ctx *fasthttp.RequestCtx) { rc.serve(ctx, func(*visit) {}) }

// isTooLarge reports whether a body is too large; its beginning is enough.
func (rc *Receiver) isTooLarge(body []byte) bool { return len(body) > rc.options.MaxBodyBytes }

// serve is Serve with a change to the visit, for a request that did not arrive
// completely.
func (rc *Receiver) serve(ctx *fasthttp.RequestCtx, change func(*visit)) {
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
	v.bodyTooLarge = rc.isTooLarge(v.body)
	change(v)
	var known bool
	d, known = v.door()
	rc.reply(ctx, d.kind, rc.admit(d, known, v), began)
}

// reply writes the response, and observes it. When the sender exceeded a bound, its
// connection is closed.
func (rc *Receiver) reply(ctx *fasthttp.RequestCtx, kind hit.Kind, a answer, began time.Time) {
	a.kind = kind
	if a.receipt != uuid.Nil && wantsJSON(&ctx.Request.Header) {
		a.link = receiptLink(rc.options.Keys, a.receipt)
	}
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

// admit routes a request within the bounds on concurrent requests and on those of one
// sender.
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

// describePanic returns the type of a panic's value, or its text when the runtime
// panicked. Any other text may contain a value of the request.
func describePanic(value any) string {
	var fault runtime.Error
	if err, ok := value.(error); ok && errors.As(err, &fault) {
		return fault.Error()
	}
	return fmt.Sprintf("%T", value)
}

func (rc *Receiver) route(d door, known bool, v *visit) answer {
	switch {
	case v.unread.status != 0:
		return rc.turnAway(v, d.kind, v.unread)
	case len(v.target) > rc.options.MaxURLBytes:
		return rc.turnAway(v, d.kind, tooLarge(fasthttp.StatusRequestURITooLong, "the URL is too long", rc.options.MaxURLBytes))
	case !known:
		return rc.turnAway(v, hit.Postback, notFound(outcome.UnknownPath))
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
