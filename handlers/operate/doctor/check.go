package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"integr8/handlers/operate"
)

// check is one check of a server.
type check struct {
	name string
	look func(context.Context, *examination)
}

// server is a server with its checks, in order.
type server struct {
	// name is the check that findings about the server itself name.
	name string
	// title names the server in a sentence.
	title string
	// hangs and away are the hints for a server that does not respond, and for one that
	// is not there.
	hangs, away string
	// reach is the first check: when it fails, no other can find anything.
	reach  check
	checks []check
}

const (
	// checkTime bounds one check, and reachTime the first check of a server. A server
	// that hangs in the middle of a check is found within the sum of both.
	checkTime = 5 * time.Second
	reachTime = 3 * time.Second
	// slowTime bounds the time spent on slow checks of a server that otherwise responds.
	slowTime = 4 * checkTime
)

// examine carries out the checks of a server and returns their findings. When the
// server hangs, it skips the remaining checks and reports them as skipped.
func (e *examination) examine(ctx context.Context, p server) *examination {
	all := &examination{system: e.system, now: e.now, server: &p}
	if !all.carryOut(ctx, p.reach, reachTime) {
		all.hangs(ctx, p, p.reach.name, reachTime, p.checks)
		return all
	}
	if all.end {
		all.leftOut(p.checks)
		return all
	}
	var slow []check
	for i, one := range p.checks {
		switch {
		case all.carryOut(ctx, one, checkTime):
		case ctx.Err() != nil:
			return all
		case !(&examination{system: e.system, now: e.now, server: &p}).carryOut(ctx, p.reach, reachTime):
			all.hangs(ctx, p, one.name, checkTime, p.checks[i+1:])
			return all
		default:
			slow = append(slow, one)
		}
		if all.end {
			all.leftOut(p.checks[i+1:])
			break
		}
		if time.Duration(len(slow))*checkTime >= slowTime {
			slow = append(slow, p.checks[i+1:]...)
			break
		}
	}
	if len(slow) > 0 {
		all.warn(p.name, Party{}, fmt.Sprintf("%s is slow: a check took longer than %s; %s", p.title, checkTime, notLookedAt(slow)),
			"look for a lock that is held (pg_stat_activity), or for a server at its limits, and run `integr8 doctor` again")
	}
	return all
}

// carryOut carries out one check within its time, and reports whether it ended in time.
// A check that ignores its context is abandoned, and its later findings are dropped.
func (e *examination) carryOut(ctx context.Context, one check, limit time.Duration) bool {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	own := &examination{system: e.system, now: e.now, server: e.server}
	done := make(chan struct{})
	go func() {
		defer close(done)
		one.look(limited, own)
	}()
	select {
	case <-done:
	case <-limited.Done():
	}
	if limited.Err() != nil {
		return false
	}
	e.findings = append(e.findings, own.findings...)
	e.remarks = append(e.remarks, own.remarks...)
	e.end = e.end || own.end
	return true
}

func (e *examination) hangs(ctx context.Context, p server, at string, limit time.Duration, rest []check) {
	if ctx.Err() != nil {
		return
	}
	e.add(Finding{Level: Broken, Check: p.name, Hint: p.hangs, outageOf: p.name,
		What: fmt.Sprintf("%s hangs: no answer within %s to the check of %s; %s", p.title, limit, at, notLookedAt(rest))})
}

// withoutConsequences removes the findings on queues that are held by the outage of a
// server, when the outage is a finding itself. That finding then counts the queues.
func withoutConsequences(findings []Finding) []Finding {
	outages := map[string]int{}
	for i, found := range findings {
		if found.outageOf != "" {
			outages[found.outageOf] = i
		}
	}
	for _, found := range findings {
		if at, follows := outages[found.followsFrom]; follows {
			findings[at].What += fmt.Sprintf("; workers hold the hits of %s meanwhile", operate.Counted(found.Count, "queue"))
		}
	}
	var kept []Finding
	for _, found := range findings {
		if _, follows := outages[found.followsFrom]; !follows {
			kept = append(kept, found)
		}
	}
	return kept
}

// leftOut adds the skipped checks to the finding that ended the examination.
func (e *examination) leftOut(rest []check) {
	if len(rest) == 0 || len(e.findings) == 0 {
		return
	}
	last := &e.findings[len(e.findings)-1]
	last.What = strings.Join([]string{last.What, notLookedAt(rest)}, "; ")
}

// notLookedAt lists checks that were skipped.
func notLookedAt(checks []check) string {
	names := make([]string, len(checks))
	for i, one := range checks {
		names[i] = one.name
	}
	return "not looked at: " + strings.Join(names, ", ")
}
