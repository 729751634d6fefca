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

// The rules. Lost and Doubled cost money; the others mean that the database holds
// something that it should not, or in another form.
const (
	// Lost: a request was answered with a receipt, and its outcome or its conversion is
	// missing.
	Lost Rule = "lost"
	// Doubled: a request has more than one row, or a key, or an order of an offer with
	// unique orders, has more than one conversion.
	Doubled Rule = "doubled"
	// MadeUp: a row that no request can have made.
	MadeUp Rule = "made up"
	// WrongAnswer: the door gave an answer that it must not give.
	WrongAnswer Rule = "wrong answer"
	// WrongOutcome: outcome, reason, route or account is not the model's.
	WrongOutcome Rule = "wrong outcome"
	// WrongClick: the click's row is missing or differs.
	WrongClick Rule = "wrong click"
	// WrongConversion: a conversion differs from the model's in what it pays or for
	// what.
	WrongConversion Rule = "wrong conversion"
	// WrongDuplicate: a repeat does not point at its conversion.
	WrongDuplicate Rule = "wrong duplicate"
	// WrongDeadLetter: a dead letter is missing, extra, or differs.
	WrongDeadLetter Rule = "wrong dead letter"
	// WrongWait: a waiting row is missing or extra.
	WrongWait Rule = "wrong wait"
	// WrongLeaks: leaked tokens were not counted once each.
	WrongLeaks Rule = "wrong leaks"
	// NotAnswered: a request failed at every attempt.
	NotAnswered Rule = "not answered"
	// SpentAttempt: an attempt was counted against a hit that did nothing wrong.
	SpentAttempt Rule = "spent attempt"
	// Harmed: one tenant's requests slowed or failed those of others.
	Harmed Rule = "harmed"
	// OverBound: a process used more of something than it may.
	OverBound Rule = "over bound"
	// UnequalRollups: a sum that reports read is not that of the rows.
	UnequalRollups Rule = "unequal roll-ups"
	// UnbalancedBooks: integr8 audit does not say that everything promised is settled.
	UnbalancedBooks Rule = "unbalanced books"
	// UnnamedLoss: something was lost on purpose, and integr8 audit does not say so.
	UnnamedLoss Rule = "unnamed loss"
	// NotQuiet: a queue or a spool is not empty, or the system did not become quiet.
	NotQuiet Rule = "not quiet"
)

// Violation is one broken promise with its evidence.
type Violation struct {
	Rule Rule `json:"rule"`
	// Seq is the request's number in the ledger, 0 when it is about no request.
	Seq      int64  `json:"seq,omitempty"`
	Receipt  string `json:"receipt,omitempty"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
}

// String describes it in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: request %d, receipt %s: expected %s; found %s", v.Rule, v.Seq, or(v.Receipt, "none"), v.Expected, v.Found)
}

// Report is the result of a check.
type Report struct {
	Requests int `json:"requests"`
	// Accepted requests were answered 200 or 302 with a receipt.
	Accepted int `json:"accepted"`
	// Maybe counts requests without a promise, because the answer was lost or a 503;
	// MaybeRecorded of them were recorded nevertheless.
	Maybe         int `json:"maybe"`
	MaybeRecorded int `json:"maybe_recorded"`
	Clicks        int `json:"clicks"`
	Conversions   int `json:"conversions"`
	Duplicates    int `json:"duplicates"`
	// OrderDuplicates counts the duplicates whose order another conversion has.
	OrderDuplicates int `json:"order_duplicates"`
	Rejected        int `json:"rejected"`
	Waiting         int `json:"waiting"`
	Failed          int `json:"failed"`
	// Late counts postbacks and pixels that had to wait for their click and were matched
	// when it came.
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

// Run compares the database with the ledger. It returns an error only when it cannot do
// that; violations are in the report.
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

// digits returns a receipt in the form of the rows.
func digits(receipt string) string { return strings.ReplaceAll(receipt, "-", "") }
