package monitor

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/singleflight"
)

// Check reports whether one thing that readiness needs is there. Without an
// error the remark, which may be empty, is what an operator should know all
// the same. Both are shown to whoever asks, so they must hold no secret. A check
// ends when ctx does; one that does not is reported as hanging.
type Check func(ctx context.Context) (remark string, err error)

const (
	// checkTimeout bounds each check. All of them run at the same time.
	checkTimeout = time.Second
	// readyTimeout is when the answer is due, whatever the checks do: those who
	// probe wait for 2 s.
	readyTimeout = 1700 * time.Millisecond
)

// readiness serves /readyz. Those who ask while a check is running share it, so
// that no number of probes adds to the load of a server that hangs.
type readiness struct {
	checks  map[string]Check
	running singleflight.Group
}

// verdict is how a check ended.
type verdict struct {
	remark string
	err    error
}

// ServeHTTP reports what is not ready with status 503, or that all is.
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
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	names := slices.Sorted(maps.Keys(r.checks))
	running := make([]<-chan singleflight.Result, len(names))
	for i, name := range names {
		running[i] = r.running.DoChan(name, func() (any, error) { return run(r.checks[name]), nil })
	}
	for i, name := range names {
		found := await(ctx, running[i])
		switch {
		case found.err != nil:
			failed = append(failed, fmt.Sprintf("%s: %v", name, found.err))
		case found.remark != "":
			remarks = append(remarks, fmt.Sprintf("%s: %s", name, found.remark))
		}
	}
	return failed, remarks
}

// await returns the verdict of a check, which counts although ctx has ended while
// another one was waited for.
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

// run is on a context of its own: that one who asks goes away is not the end of
// the check for the others.
func run(check Check) verdict {
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeout)
	defer cancel()
	remark, err := check(ctx)
	return verdict{remark, err}
}
