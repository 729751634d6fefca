package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The levels of a finding, the worst first. What is broken makes doctor exit with
// 1, and a warning does with --strict. A note is about what was not looked at, or
// is as somebody meant it.
const (
	levelBroken  = "broken"
	levelWarning = "warning"
	levelNote    = "note"
)

var levels = []string{levelBroken, levelWarning, levelNote}

// finding is one cause that an operator should know of, with what to do.
type finding struct {
	Level string `json:"level"`
	Check string `json:"check"`
	What  string `json:"what"`
	Hint  string `json:"hint"`
	// Count is how many hits, offers, queues or the like have this cause.
	Count int64 `json:"count"`
	// Examples are some of them, and Omitted is how many further ones there are.
	Examples []example `json:"examples"`
	Omitted  int       `json:"omitted"`
	// party holds what all of them have in common.
	party
}

// example is one of the things that have the cause of a finding.
type example struct {
	What string `json:"what"`
	party
}

// party says whom a finding is about; 0 where it is about nobody.
type party struct {
	AccountID int64 `json:"account_id,omitempty"`
	Offer     int64 `json:"offer,omitempty"`
	Publisher int64 `json:"publisher,omitempty"`
	Token     int64 `json:"token,omitempty"`
}

// shared keeps what is the same in both.
func (p party) shared(other party) party {
	same := func(a, b int64) int64 {
		if a == b {
			return a
		}
		return 0
	}
	return party{
		same(p.AccountID, other.AccountID), same(p.Offer, other.Offer), same(p.Publisher, other.Publisher), same(p.Token, other.Token),
	}
}

// examplesShown bounds the examples of a finding.
const examplesShown = 10

// examination gathers the findings of checks.
type examination struct {
	app      *app
	now      time.Time
	findings []finding
	// remarks are told to people and are no findings.
	remarks []string
	// end is set by a check without which those behind it can see nothing.
	end bool
}

func (e *examination) add(found finding) {
	found.What = e.app.hideSecrets(found.What)
	if found.Count == 0 {
		found.Count = 1
	}
	if found.Examples == nil {
		found.Examples = []example{}
	}
	e.findings = append(e.findings, found)
}

func (e *examination) broken(check, what, hint string) {
	e.add(finding{Level: levelBroken, Check: check, What: what, Hint: hint})
}

func (e *examination) warn(check string, who party, what, hint string) {
	e.add(finding{Level: levelWarning, Check: check, What: what, Hint: hint, party: who})
}

func (e *examination) note(check, what, hint string) {
	e.add(finding{Level: levelNote, Check: check, What: what, Hint: hint})
}

// unreachable records that a server is not there, so that nothing else of it can be
// seen.
func (e *examination) unreachable(check, what, hint string) {
	e.broken(check, what, hint)
	e.end = true
}

// failed records a check that could not be carried out.
func (e *examination) failed(check string, err error) {
	e.broken(check, oneLine(err), cmp.Or(hintOf(err, nil), "run integr8 doctor again; if it stays, the program is at fault: report this line"))
}

// several records one cause that many things have. A single one is its own line;
// of more, the line has the number and the plural, and some follow as examples.
// More are those that exist beside the ones given.
func (e *examination) several(level, check, plural, hint string, all []example, more int) {
	if len(all) == 0 {
		return
	}
	found := finding{Level: level, Check: check, What: all[0].What, Hint: hint, Count: int64(len(all) + more), party: all[0].party}
	if found.Count > 1 {
		found.What = fmt.Sprintf("%d %s", found.Count, plural)
		found.list(all, more)
	}
	e.add(found)
}

func (f *finding) list(all []example, more int) {
	for _, one := range all {
		f.party = f.shared(one.party)
	}
	f.Omitted = more + max(0, len(all)-examplesShown)
	f.Examples = all[:min(examplesShown, len(all))]
}

// worstFirst orders findings by level and leaves them else as they were made.
func worstFirst(findings []finding) []finding {
	ordered := append([]finding{}, findings...)
	slices.SortStableFunc(ordered, func(a, b finding) int {
		return slices.Index(levels, a.Level) - slices.Index(levels, b.Level)
	})
	return ordered
}

func ofLevel(findings []finding, level string) int {
	n := 0
	for _, found := range findings {
		if found.Level == level {
			n++
		}
	}
	return n
}

func (f finding) rows(t *table) {
	t.row(f.Level, f.Check, f.What)
	if f.Hint != "" {
		t.row("", "", "-> "+f.Hint)
	}
	for _, one := range f.Examples {
		t.row("", "", "   "+one.What)
	}
	if f.Omitted > 0 {
		t.row("", "", fmt.Sprintf("   and %d more", f.Omitted))
	}
}

// notLookedAt names checks that were left out.
func notLookedAt(checks []check) string {
	names := make([]string, len(checks))
	for i, one := range checks {
		names[i] = one.name
	}
	return "not looked at: " + strings.Join(names, ", ")
}
