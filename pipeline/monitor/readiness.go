package monitor

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/singleflight"
)

// Check reports whether one condition of readiness holds. When err is nil, remark, which
// may be empty, is one line for the operator. Everybody who can reach the admin address
// sees both, so they must contain no secret. A check must end with ctx; one that does not
// is reported as without an answer.
type Check func(ctx context.Context) (remark string, err error)

const (
	// checkTimeout bounds each check. All of them run at the same time.
	checkTimeout = time.Second
	// readyTimeout bounds the response, whatever the checks do: probes wait for 2 s.
	readyTimeout = 1700 * time.Millisecond
)

// readiness serves /readyz. Concurrent requests share a running check, so
// that no number of probes adds to the load of a server that hangs.
type readiness struct {
	checks  map[string]Check
	running singleflight.Group
}

// verdict is the result of a check.
type verdict struct {
	remark string
	err    error
}

// ServeHTTP responds with 200 when all checks pass and with 503 otherwise. The body has
// a line for each check that failed or has a remark.
func (r *readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	failed, remarks := r.look(request.Context())
	if len(failed) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
	} else {
		fmt.Fprintln(w, "ready")
	}
	for _, line := range append(failed, remarks...) {
		fmt.Fprintln(w, line)
	}
}

// look runs the checks and returns a line for each that failed or has a remark.
func (r *readiness) look(ctx context.Context) (failed, remarks []string) {
	for name, found := range r.verdicts(ctx) {
		switch {
		case found.err != nil:
			failed = append(failed, fmt.Sprintf("%s: %v", name, found.err))
		case found.remark != "":
			remarks = append(remarks, fmt.Sprintf("%s: %s", name, found.remark))
		}
	}
	return failed, remarks
}

// verdicts runs the checks at the same time, and returns what they say in the order of
// their names.
func (r *readiness) verdicts(ctx context.Context) iter.Seq2[string, verdict] {
	return func(yield func(string, verdict) bool) {
		ctx, cancel := context.WithTimeout(ctx, readyTimeout)
		defer cancel()
		names := slices.Sorted(maps.Keys(r.checks))
		running := make([]<-chan singleflight.Result, len(names))
		for i, name := range names {
			running[i] = r.running.DoChan(name, func() (any, error) { return run(r.checks[name]), nil })
		}
		for i, name := range names {
			if !yield(name, await(ctx, running[i])) {
				return
			}
		}
	}
}

// await returns the verdict of a check. A verdict that exists counts even when ctx has
// ended, because ctx may have ended while another check was awaited.
func await(ctx context.Context, running <-chan singleflight.Result) verdict {
	select {
	case result := <-running:
		return result.Val.(verdict)
	case <-ctx.Done():
	}
	select {
	case result := <-running:
		return result.Val.(verdict)
	default:
		return verdict{err: fmt.Errorf("no answer within %s", readyTimeout)}
	}
}

// run runs a check with its own context, so that the end of one request does not end the
// check for the others.
func run(check Check) verdict {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	remark, err := check(ctx)
	return verdict{remark, err}
}
