package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/orders"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/search"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/failure"
)

// Problem is an error in the form of RFC 9457. It never holds a key, a token, an e-mail
// address or a text from inside.
type Problem struct {
	Title  string `json:"title" doc:"What the status means."`
	Status int    `json:"status" doc:"The status of the response."`
	Detail string `json:"detail" doc:"What is wrong, in a sentence."`
	Reason Reason `json:"reason" enum:"bad_request,unauthorized,forbidden,not_found,conflict,precondition_failed,invalid,too_many_requests,unavailable,internal" doc:"What is wrong, in a word that stays the same."`
	Hint   string `json:"hint,omitempty" doc:"What to do next."`
	// Errors say where the request is wrong, without what stands there.
	Errors []Fault `json:"errors,omitempty" doc:"What is wrong in which place of the request."`

	retryAfter time.Duration
}

// Fault is one thing that is wrong in a request.
type Fault struct {
	Location string `json:"location" doc:"Where: query.limit, body.name."`
	Message  string `json:"message" doc:"What is wrong there."`
}

// Reason is a word for what is wrong.
type Reason string

// The reasons.
const (
	badRequest         Reason = "bad_request"
	unauthorized       Reason = "unauthorized"
	forbidden          Reason = "forbidden"
	notFound           Reason = "not_found"
	conflict           Reason = "conflict"
	preconditionFailed Reason = "precondition_failed"
	invalid            Reason = "invalid"
	tooManyRequests    Reason = "too_many_requests"
	unavailable        Reason = "unavailable"
	internal           Reason = "internal"
)

// statuses are those of the reasons. The problem of a status without a reason of its own
// is a bad request.
var statuses = map[Reason]int{
	badRequest: http.StatusBadRequest, unauthorized: http.StatusUnauthorized, forbidden: http.StatusForbidden, notFound: http.StatusNotFound,
	conflict: http.StatusConflict, preconditionFailed: http.StatusPreconditionFailed, invalid: http.StatusUnprocessableEntity,
	tooManyRequests: http.StatusTooManyRequests, unavailable: http.StatusServiceUnavailable, internal: http.StatusInternalServerError,
}

// problem returns a problem; detail and hint may name acts as operate.InWords reads them.
func problem(reason Reason, detail, hint string) *Problem {
	status := statuses[reason]
	return &Problem{Title: http.StatusText(status), Status: status, Detail: operate.InWords(detail), Reason: reason, Hint: operate.InWords(hint)}
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the status of the response.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problems.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders are those that a client needs to go on.
func (p *Problem) GetHeaders() http.Header {
	header := http.Header{}
	if p.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(max(time.Second, p.retryAfter.Round(time.Second)).Seconds())))
	}
	if p.Status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	return header
}

// The library makes its errors, which are about the form of a request, by these variables.
// Its own errors repeat the value that is wrong, which may be a secret.
func init() {
	huma.NewError = ofStatus
	huma.NewErrorWithContext = func(_ huma.Context, status int, message string, errs ...error) huma.StatusError {
		return ofStatus(status, message, errs...)
	}
}

func ofStatus(status int, message string, errs ...error) huma.StatusError {
	p := &Problem{Title: http.StatusText(status), Status: status, Detail: message, Reason: badRequest}
	for reason, known := range statuses {
		if known == status {
			p.Reason = reason
		}
	}
	for _, err := range errs {
		var detailed huma.ErrorDetailer
		switch {
		case err == nil:
		case errors.As(err, &detailed):
			detail := detailed.ErrorDetail()
			p.Errors = append(p.Errors, Fault{Location: detail.Location, Message: detail.Message})
		default:
			p.Errors = append(p.Errors, Fault{Message: err.Error()})
		}
	}
	return p
}

// retrySoon is when a client may try again after an outage.
const retrySoon = 5 * time.Second

// outageHint says what to do while a server is away.
const outageHint = "try again; /readyz of the admin address names the server"

// problemOf returns the problem of a use case's error. An error that is not for people
// becomes one that says so, and is logged: nobody else sees it.
func (a *api) problemOf(ctx context.Context, operation string, err error) *Problem {
	hint := failure.Hint(err)
	var known *Problem
	var missing *reference.NotFoundError
	var untraced *trace.UnknownError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &missing):
		// Whether another account has it is nobody's business.
		return problem(notFound, fmt.Sprintf("there is no %s %d", missing.Object, missing.ID), hint)
	case errors.As(err, &untraced), errors.Is(err, reference.ErrNotFound):
		return problem(notFound, err.Error(), hint)
	case errors.Is(err, reference.ErrChanged):
		return problem(preconditionFailed, reference.ErrChanged.Error(), "read it again: its ETag is the If-Match of the next edit")
	case errors.Is(err, reference.ErrOtherRequest):
		return problem(invalid, reference.ErrOtherRequest.Error(), "give each request an Idempotency-Key of its own, such as a UUID, and repeat it only with the same body")
	case errors.Is(err, orders.ErrSwitching):
		p := problem(unavailable, err.Error(), "try again when they are on")
		p.retryAfter = time.Minute
		return p
	case errors.Is(err, reference.ErrConflict):
		return problem(conflict, err.Error(), hint)
	case isOf(err, reference.ErrInvalid, search.ErrPeriod, search.ErrCursor, search.ErrNothingAsked, search.ErrAlone, search.ErrAddress, search.ErrEmail, report.ErrPeriod, report.ErrBy, dead.ErrCursor, history.ErrCursor, operate.ErrCursor):
		return problem(invalid, failure.OneLine(err), hint)
	case failure.IsOfText(err):
		return problem(invalid, "a text holds a NUL or is no UTF-8", hint)
	case errors.Is(err, keys.ErrUnknown):
		return problem(unauthorized, "the key is not known, or it is revoked", "`integr8 key list` shows the keys by their first characters; `integr8 key create` makes one")
	}
	a.Logger.Warn("a request of the API has failed", "operation", operation, "error", err)
	switch {
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		p := problem(unavailable, "the request took longer than "+a.Timeout.String(), "ask for less at once, such as a shorter period; where small requests fail too, /readyz of the admin address names the server that is away")
		p.retryAfter = retrySoon
		return p
	case failure.Of(err) == failure.Outage, failure.Of(err) == failure.Shutdown:
		p := problem(unavailable, "the database or the broker cannot be used now", outageHint)
		p.retryAfter = retrySoon
		return p
	}
	return problem(internal, "the request failed inside", "the log of integr8 names the cause")
}

func isOf(err error, kinds ...error) bool {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
