package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// check is one look at a server.
type check struct {
	name string
	look func(context.Context, *examination)
}

// patient is a server with its checks, in order.
type patient struct {
	// name is the check under which findings about the server itself stand.
	name string
	// title names the server in a sentence.
	title string
	hint  string
	// reach is the first check: it fails where nothing else can be seen.
	reach  check
	checks []check
}

const (
	// checkTime is how long one check may take, and reachTime the first one of a
	// server. A server that hangs in the middle of a check is found within the
	// sum of both.
	checkTime = 5 * time.Second
	reachTime = 3 * time.Second
	// slowTime bounds what is spent on checks that take too long of a server that
	// answers otherwise.
	slowTime = 4 * checkTime
)

// examine carries out the checks of a server and returns what they found. It
// leaves the rest out once the server hangs, and says so.
func (e *examination) examine(ctx context.Context, p patient) *examination {
	all := &examination{app: e.app, now: e.now}
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
		case !(&examination{app: e.app, now: e.now}).carryOut(ctx, p.reach, reachTime):
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
		all.warn(p.name, party{}, fmt.Sprintf("%s is slow: a check took longer than %s; %s", p.title, checkTime, notLookedAt(slow)),
			"look for a lock that is held (pg_stat_activity), or for a server at its limits, and run integr8 doctor again")
	}
	return all
}

// carryOut carries out one check within its time, and reports whether it ended in
// time. A check that does not heed its context is left behind: what it finds later
// counts for nothing.
func (e *examination) carryOut(ctx context.Context, one check, limit time.Duration) bool {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	own := &examination{app: e.app, now: e.now}
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

func (e *examination) hangs(ctx context.Context, p patient, at string, limit time.Duration, rest []check) {
	if ctx.Err() != nil {
		return
	}
	e.broken(p.name, fmt.Sprintf("%s hangs: no answer within %s to the check of %s; %s", p.title, limit, at, notLookedAt(rest)), p.hint)
}

// leftOut adds to the finding that ended the examination what was not looked at.
func (e *examination) leftOut(rest []check) {
	if len(rest) == 0 || len(e.findings) == 0 {
		return
	}
	last := &e.findings[len(e.findings)-1]
	last.What = strings.Join([]string{last.What, notLookedAt(rest)}, "; ")
}
