package receiver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"integr8/pipeline/deadline"
	"integr8/pipeline/hit"
)

// Receiver serves the doors. Make one with New.
type Receiver struct {
	options  Options
	redactor hit.Redactor
	places   chan struct{}
	senders  allowance
	failures *alarm
	// patience bounds what the queue may take.
	patience *deadline.Shared
}

// New checks the options and makes the handler of all doors.
func New(options Options) (*Receiver, error) {
	if err := options.complete(); err != nil {
		return nil, err
	}
	senders, err := newAllowance(options.MaxPerSender)
	if err != nil {
		return nil, err
	}
	return &Receiver{
		options:  options,
		redactor: hit.Redactor{IsToken: options.Directory.IsToken, MaxValueBytes: options.MaxValueBytes},
		places:   make(chan struct{}, options.MaxConcurrent),
		senders:  senders,
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
	serve func(*Receiver, *http.Request) answer
	// peek decides what to answer to HEAD.
	peek func(*Receiver, *http.Request) answer
}

// doorAt finds the door of a path; a slash at its end is forgiven.
func doorAt(path string) (door, bool) {
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
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

// ServeHTTP answers one request. A panic in a door is answered 500 and hurts
// no other request.
func (rc *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	d, known := doorAt(r.URL.Path)
	a := rc.admit(d, known, r)
	a.kind = d.kind
	a.write(w, r)
	rc.options.Observe(Observation{
		Kind: d.kind, Result: a.result, Refusal: a.refusal, Status: a.status,
		TokenLeaked: a.tokenLeaked, Duration: time.Since(began),
	})
}

// admit keeps the bounds on requests, at once and of one sender, and catches
// panics.
func (rc *Receiver) admit(d door, known bool, r *http.Request) (a answer) {
	if rc.senders.perSecond > 0 && !rc.senders.permits(originOf(r, rc.options.TrustedProxies).clientIP, rc.options.Clock()) {
		return tooMany(rc.senders.perSecond)
	}
	select {
	case rc.places <- struct{}{}:
		defer func() { <-rc.places }()
	default:
		return overloaded()
	}
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		if value == http.ErrAbortHandler {
			panic(value)
		}
		rc.options.Logger.Error("a door panicked", "kind", d.kind, "panic", describePanic(value), "stack", string(debug.Stack()))
		a = panicked()
	}()
	return rc.route(d, known, r)
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

func (rc *Receiver) route(d door, known bool, r *http.Request) answer {
	switch {
	case len(r.RequestURI) > rc.options.MaxURLBytes:
		return tooLarge(http.StatusRequestURITooLong, "the URL is too long", rc.options.MaxURLBytes)
	case !known:
		return notFound("there is nothing here")
	case !allows(d.allow, r.Method):
		return methodNotAllowed(d.allow)
	case r.Method == http.MethodHead:
		return d.peek(rc, r)
	}
	return d.serve(rc, r)
}

func allows(list, method string) bool {
	for allowed := range strings.SplitSeq(list, ", ") {
		if method == allowed {
			return true
		}
	}
	return false
}
