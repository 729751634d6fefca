// Package doctor examines a system for what is broken or will go wrong: its database,
// its broker, its offers and tokens, and the disk of this machine. It returns findings,
// one for each cause, with what to do.
//
// It examines everything that it can reach, and continues after a failed check. Each
// check has a time limit, so that a hanging server is found within about ten seconds
// and does not delay the checks of the other server. It changes nothing.
package doctor

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"integr8/pipeline/token"
)

// System is what is examined. Fields that are nil or zero are skipped without a
// finding: the caller knows why they are missing, and adds a finding of its own.
type System struct {
	Store  Store
	Broker *Broker
	Spools *Spools
	// Keys are the service secrets of the caller.
	Keys token.Keys
	// LateClicks is how long a postback waits for its click, and LateGrace how long it
	// waits at least from its first decision. Both are as workers have them.
	LateClicks, LateGrace time.Duration
	// Given are findings of the caller, for example on its settings.
	Given []Finding
	// Hide removes secrets from a text; nil when there are none. A server's error may
	// quote an address.
	Hide func(string) string
	// HintOf returns what to do about an error of the Store that has no hint of its own;
	// empty when nothing is known. It may be nil.
	HintOf func(error) string
}

// Report is the result of an examination.
type Report struct {
	// Findings are sorted by level, the worst first, and those of a level with money
	// first.
	Findings []Finding
	// Remarks are for people and are no findings.
	Remarks []string
}

// Examine examines the whole system, both servers at the same time. It returns an error
// only when the context ends, never because of a check.
func (s System) Examine(ctx context.Context) (Report, error) {
	e := &examination{system: &s, now: time.Now()}
	for _, given := range s.Given {
		e.add(given)
	}
	if s.Spools != nil {
		e.spools(*s.Spools)
	}
	var servers []server
	if s.Store != nil {
		servers = append(servers, postgres(s.Store))
	}
	if s.Broker != nil {
		servers = append(servers, s.Broker.server())
	}
	found := make([]*examination, len(servers))
	var group errgroup.Group
	for i, one := range servers {
		group.Go(func() error {
			found[i] = e.examine(ctx, one)
			return nil
		})
	}
	_ = group.Wait() // none returns an error
	if err := ctx.Err(); err != nil {
		return Report{}, fmt.Errorf("examine: %w", err)
	}
	for _, one := range found {
		e.findings = append(e.findings, one.findings...)
		e.remarks = append(e.remarks, one.remarks...)
	}
	return Report{Findings: worstFirst(withoutConsequences(e.findings)), Remarks: e.remarks}, nil
}

// Count returns how many findings have a level.
func (r Report) Count(level Level) int {
	n := 0
	for _, found := range r.Findings {
		if found.Level == level {
			n++
		}
	}
	return n
}
