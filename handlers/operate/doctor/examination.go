package doctor

import (
	"cmp"
	"fmt"
	"time"

	"integr8/pipeline/failure"
)

// examination collects the findings of checks.
type examination struct {
	system *System
	now    time.Time
	// server is the server that is examined; nil for checks without one.
	server   *server
	findings []Finding
	// remarks are for people and are no findings.
	remarks []string
	// end is set by a check when the checks behind it cannot find anything.
	end bool
}

func (e *examination) add(found Finding) {
	if e.system.Hide != nil {
		found.What = e.system.Hide(found.What)
	}
	if found.Count == 0 {
		found.Count = 1
	}
	if found.Examples == nil {
		found.Examples = []Example{}
	}
	e.findings = append(e.findings, found)
}

func (e *examination) broken(check, what, hint string) {
	e.add(Finding{Level: Broken, Check: check, What: what, Hint: hint})
}

func (e *examination) warn(check string, who Party, what, hint string) {
	e.add(Finding{Level: Warning, Check: check, What: what, Hint: hint, Party: who})
}

func (e *examination) note(check, what, hint string) {
	e.add(Finding{Level: Note, Check: check, What: what, Hint: hint})
}

// unreachable reports that the server cannot be reached, and ends its checks.
func (e *examination) unreachable(check, what, hint string) {
	e.broken(check, what, hint)
	e.end = true
}

// away reports that the server cannot be used.
func (e *examination) away(err error) {
	e.add(Finding{Level: Broken, Check: e.server.name, What: failure.OneLine(err), Hint: e.server.away, outageOf: e.server.name})
	e.end = true
}

// failed reports a check that could not be carried out. When the server has become
// unavailable, it ends the checks, because the others would all report the same.
func (e *examination) failed(check string, err error) {
	if e.server != nil && failure.Of(err) == failure.Outage {
		e.away(err)
		return
	}
	e.add(Failed(check, err, e.system.HintOf))
}

// Failed is the finding of a check that could not be carried out. hintOf returns what
// to do about an error without a hint of its own; it may be nil.
func Failed(check string, err error, hintOf func(error) string) Finding {
	hint := failure.Hint(err)
	if hint == "" && hintOf != nil {
		hint = hintOf(err)
	}
	return Finding{Level: Broken, Check: check, What: failure.OneLine(err),
		Hint: cmp.Or(hint, "run `integr8 doctor` again; if it stays, the program is at fault: report this line")}
}

// several reports one cause with several examples. A single example is its own line.
// For more, the line has their number and the plural, and the first examples follow.
// more counts further examples that are not in all.
func (e *examination) several(level Level, check, plural, hint string, all []Example, more int) {
	if len(all) == 0 {
		return
	}
	found := Finding{Level: level, Check: check, What: all[0].What, Hint: hint, Count: int64(len(all) + more), Party: all[0].Party}
	if found.Count > 1 {
		found.What = fmt.Sprintf("%d %s", found.Count, plural)
		found.list(all, more)
	}
	e.add(found)
}
