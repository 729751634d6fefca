package check

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/model"
)

// Rule names a promise that was broken.
type Rule string

// The rules. Lost and Doubled are those that cost money; the others say that
// something stands in the database that should not, or not in this form.
const (
	// Lost: a request was answered with a receipt, and has no outcome, or
	// not its conversion.
	Lost Rule = "lost"
	// Doubled: a request has more than one row, or one key, or one order of an
	// offer with unique orders, more than one conversion.
	Doubled Rule = "doubled"
	// MadeUp: a row that no request can have made.
	MadeUp Rule = "made up"
	// WrongAnswer: the door answered what it must not.
	WrongAnswer Rule = "wrong answer"
	// WrongOutcome: outcome, reason, route or account is not the model's.
	WrongOutcome Rule = "wrong outcome"
	// WrongClick: the click's row is missing or differs.
	WrongClick Rule = "wrong click"
	// WrongConversion: a conversion pays something else, or for something
	// else, than the model's.
	WrongConversion Rule = "wrong conversion"
	// WrongDuplicate: a repeat does not point at its conversion.
	WrongDuplicate Rule = "wrong duplicate"
	// WrongDeadLetter: a dead letter is missing, extra, or differs.
	WrongDeadLetter Rule = "wrong dead letter"
	// WrongWait: a place in the waiting room is missing or extra.
	WrongWait Rule = "wrong wait"
	// WrongLeaks: leaked tokens were not counted once each.
	WrongLeaks Rule = "wrong leaks"
	// NotAnswered: a request failed however often it was tried.
	NotAnswered Rule = "not answered"
	// SpentAttempt: an attempt was counted against a hit that did nothing
	// wrong.
	SpentAttempt Rule = "spent attempt"
	// Harmed: one tenant's requests slowed or failed those of others.
	Harmed Rule = "harmed"
	// OverBound: a process took more than it may.
	OverBound Rule = "over bound"
	// NotQuiet: a queue or a spool is not empty, or the system did not come
	// to rest.
	NotQuiet Rule = "not quiet"
)

// Violation is one broken promise with its evidence.
type Violation struct {
	Rule Rule `json:"rule"`
	// Seq is the request's number in the ledger, 0 when it is about none.
	Seq      int64  `json:"seq,omitempty"`
	Receipt  string `json:"receipt,omitempty"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
}

// String tells it in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: request %d, receipt %s: expected %s; found %s", v.Rule, v.Seq, or(v.Receipt, "none"), v.Expected, v.Found)
}

// Report is what a check found.
type Report struct {
	Requests int `json:"requests"`
	// Accepted requests were answered 200 or 302 with a receipt.
	Accepted int `json:"accepted"`
	// Maybe are requests whose answer promises nothing, such as one that was
	// lost or a 503; MaybeRecorded of them were recorded all the same.
	Maybe         int `json:"maybe"`
	MaybeRecorded int `json:"maybe_recorded"`
	Clicks        int `json:"clicks"`
	Conversions   int `json:"conversions"`
	Duplicates    int `json:"duplicates"`
	// OrderDuplicates are those duplicates whose order another conversion has.
	OrderDuplicates int `json:"order_duplicates"`
	Rejected        int `json:"rejected"`
	Waiting         int `json:"waiting"`
	Failed          int `json:"failed"`
	// Late counts postbacks and pixels that had to wait for their click and
	// were matched when it came.
	Late       int         `json:"late"`
	Violations []Violation `json:"violations"`
}

// Count returns how often a rule was broken.
func (r *Report) Count(rules ...Rule) int {
	n := 0
	for _, v := range r.Violations {
		if slices.Contains(rules, v.Rule) {
			n++
		}
	}
	return n
}

// Run judges what stands in the database against the ledger. An error means
// that it could not be judged; what is wrong with it is in the report.
func Run(ctx context.Context, db *sql.DB, world *model.World, entries []ledger.Entry) (*Report, error) {
	found, err := read(ctx, db)
	if err != nil {
		return nil, err
	}
	if world.ForeignHost != "" {
		found.forget(world.ForeignHost)
	}
	c := &checker{world: world, rows: found, report: &Report{Requests: len(entries)},
		bySeq: map[int64]*hitRow{}, byID: map[string]*hitRow{}}
	c.answers(entries)
	c.match(entries)
	c.judged = world.Judge(entries, c.facts(entries), found.now)
	c.outcomes()
	c.clicks()
	c.conversions()
	c.deadLetters()
	c.waiting()
	c.leaks()
	slices.SortStableFunc(c.report.Violations, func(a, b Violation) int { return strings.Compare(string(a.Rule), string(b.Rule)) })
	return c.report, nil
}

type checker struct {
	world  *model.World
	rows   *rows
	report *Report
	judged map[int64]*model.Expectation
	bySeq  map[int64]*hitRow
	byID   map[string]*hitRow
}

func (c *checker) violate(rule Rule, seq int64, receipt, expected, found string) {
	c.report.Violations = append(c.report.Violations, Violation{rule, seq, receipt, expected, found})
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// digits is a receipt as rows are read.
func digits(receipt string) string { return strings.ReplaceAll(receipt, "-", "") }
