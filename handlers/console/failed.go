package console

import (
	"context"
	"errors"
	"net/http"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/search"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/failure"
)

// forbidden, badRequest and noPage are errors of the console itself, as sentences.
type (
	forbidden  struct{ text string }
	badRequest struct{ text string }
	noPage     struct{}
)

func (f *forbidden) Error() string  { return f.text }
func (b *badRequest) Error() string { return b.text }
func (noPage) Error() string        { return "There is no such page." }

var errNoPage error = noPage{}

// failed is what the page of an error shows.
type failed struct{ What, Hint string }

// fail shows a page that says what is wrong. An error that is not for people is
// logged, and its text stays inside.
func (c *Console) fail(v *visit, err error) {
	status, shown := c.failureOf(v.ctx(), v.r.URL.Path, err)
	if failing := c.render(v, status, "failed", http.StatusText(status), shown); failing != nil {
		c.Logger.Error("the page of an error cannot be made", "error", failing)
		http.Error(v.w, shown.What, status)
	}
}

func (c *Console) failureOf(ctx context.Context, path string, err error) (int, failed) {
	var denied *forbidden
	var wrong *badRequest
	var unknown *trace.UnknownError
	var missing *reference.NotFoundError
	shown := failed{err.Error(), failure.Hint(err)}
	switch {
	case errors.As(err, &denied):
		return http.StatusForbidden, shown
	case errors.As(err, &wrong):
		return http.StatusBadRequest, shown
	case errors.As(err, &missing):
		return http.StatusNotFound, shown
	case errors.Is(err, errNoPage), errors.As(err, &unknown), errors.Is(err, reference.ErrNotFound):
		return http.StatusNotFound, shown
	case isOf(err, reference.ErrInvalid, reference.ErrConflict, search.ErrPeriod, report.ErrPeriod, report.ErrBy, search.ErrCursor, search.ErrNothingAsked, search.ErrAddress, search.ErrEmail, dead.ErrCursor, history.ErrCursor, operate.ErrCursor):
		return http.StatusBadRequest, shown
	case failure.IsOfText(err):
		return http.StatusBadRequest, failed{What: "A text holds a NUL or is no UTF-8."}
	}
	c.Logger.Warn("a page of the console has failed", "path", path, "error", err)
	switch {
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return http.StatusServiceUnavailable, failed{"It took longer than " + c.Timeout.String() + ".", "ask for less at once, such as a shorter period"}
	case failure.Of(err) == failure.Outage, failure.Of(err) == failure.Shutdown:
		return http.StatusServiceUnavailable, failed{"The database or the broker cannot be used now.", "try again; `integr8 doctor` says which"}
	}
	return http.StatusInternalServerError, failed{"This failed inside.", "the log of integr8 names the cause"}
}

func isOf(err error, kinds ...error) bool {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
