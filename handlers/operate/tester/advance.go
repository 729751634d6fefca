package tester

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/failure"
	"integr8/pipeline/outcome"
)

// Step is what one part of a test came to.
type Step struct {
	// Step is click, recorded, conversion or decided.
	Step string `json:"step"`
	// OK is set where it went as it should. The test ends with the first step that did not.
	OK   bool   `json:"ok"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
	// URL is what was fired, with TOKEN and MARK in the place of what is secret.
	URL string `json:"url,omitempty"`
	// Status and Millis are those of the answer; Millis is also how long a look waited.
	Status   int             `json:"status,omitempty"`
	Millis   int64           `json:"ms"`
	Location string          `json:"location,omitempty"`
	Receipt  *uuid.UUID      `json:"receipt,omitempty"`
	Outcome  outcome.Outcome `json:"outcome,omitempty"`
	Reason   outcome.Reason  `json:"reason,omitempty"`
	// Conversion is set where one was made.
	Conversion *trace.Conversion `json:"conversion,omitempty"`
}

// The steps.
const (
	stepClick      = "click"
	stepRecorded   = "recorded"
	stepConversion = "conversion"
	stepDecided    = "decided"
)

// Progress is what Advance came to.
type Progress struct {
	State State
	// Step is what was done; nil while the test waits, and Waiting says for what.
	Step    *Step
	Waiting string
	// Over is set when the test has ended.
	Over bool
}

// longWait is from when a wait is worth a hint, and longestWait from when the test gives up.
const (
	longWait    = 5 * time.Second
	longestWait = time.Minute
)

// Advance takes the test one step further, or finds that it still waits. It looks only at
// what is the state's account's.
func (t Tester) Advance(ctx context.Context, s State) (Progress, error) {
	switch {
	case s.Way != Clickless && s.Click == uuid.Nil:
		return t.fireClick(ctx, s)
	case s.Way != Clickless && s.TransactionID == "":
		return t.lookAtClick(ctx, s)
	case s.Hit == uuid.Nil:
		return t.fireConversion(ctx, s)
	default:
		return t.lookAtHit(ctx, s)
	}
}

func (t Tester) fireClick(ctx context.Context, s State) (Progress, error) {
	step := t.fire(ctx, stepClick, t.click(s))
	if step.Receipt != nil {
		s.Click, s.Since = *step.Receipt, time.Now()
	}
	if step.OK {
		step.Text = "The door took the click and sends the visitor to " + step.Location
	}
	return Progress{State: s, Step: &step, Over: !step.OK}, nil
}

func (t Tester) fireConversion(ctx context.Context, s State) (Progress, error) {
	request, err := t.conversion(ctx, s)
	if err != nil {
		return Progress{}, err
	}
	step := t.fire(ctx, stepConversion, request)
	if step.Receipt != nil {
		s.Hit, s.Since = *step.Receipt, time.Now()
	}
	if step.OK {
		step.Text = fmt.Sprintf("The door took the %s with order %s", s.Way.kind(), s.OrderID)
		if request.Host != "" {
			step.Text += ", on " + request.Host + " (where that name leads to was not tried)"
		}
	}
	return Progress{State: s, Step: &step, Over: !step.OK}, nil
}

// fire sends a request, once its door has said that the mark holds there.
func (t Tester) fire(ctx context.Context, name string, request prepared) Step {
	step := Step{Step: name, URL: request.shown}
	before, err := t.Doors.Ask(ctx, request.probe)
	if err != nil {
		return unanswered(step, err)
	}
	if !before.Test {
		step.Status, step.Millis, step.Text = before.Status, before.Took.Milliseconds(), "Nothing was fired: what answered does not take the mark of a test"
		step.Hint = "the receivers must be of this version and have the newest service secret of this process (`integr8 secret list`); " +
			"a new offer or domain takes them a moment; and INTEGR8_DOORS_URL, else INTEGR8_PUBLIC_URL, must lead to them"
		return step
	}
	response, err := t.Doors.Ask(ctx, request.Request)
	if err != nil {
		return unanswered(step, err)
	}
	step.Status, step.Millis, step.Location, step.Reason = response.Status, response.Took.Milliseconds(), response.Location, response.Reason
	if response.Receipt != uuid.Nil {
		step.Receipt = &response.Receipt
	}
	switch {
	case response.Receipt == uuid.Nil || response.Reason != outcome.NoReason:
		step.Text = fmt.Sprintf("The door answered %d: %s", response.Status, cmp.Or(response.Line, "it recorded nothing"))
		step.Hint = response.Reason.Hint()
	case !response.Test:
		step.Text = "Another receiver took it, which does not take the mark of a test: the hit counts in reports"
		step.Hint = "bring all receivers to one version and one list of service secrets"
	default:
		step.OK = true
	}
	return step
}

// unanswered is a step whose door did not answer.
func unanswered(step Step, err error) Step {
	step.Text, step.Hint = strings.ToUpper(err.Error()[:1])+err.Error()[1:], failure.Hint(err)
	return step
}

func (t Tester) lookAtClick(ctx context.Context, s State) (Progress, error) {
	story, found, err := t.find(ctx, s, s.Click)
	if err != nil || found == nil {
		return s.waits(stepRecorded, "the worker to record the click"), err
	}
	step := stepOf(stepRecorded, s, found)
	step.OK = found.Outcome == outcome.Recorded && found.Test
	for _, click := range story.Clicks {
		if click.HitID == s.Click {
			s.TransactionID = click.TransactionID
		}
	}
	switch {
	case step.OK:
		step.Text = "The worker recorded the click as " + s.TransactionID
	case found.Outcome == outcome.Recorded:
		step.Text = "A worker of an earlier version recorded the click, which counts in reports"
		step.Hint = "bring all workers to this version"
	}
	return Progress{State: s, Step: &step, Over: !step.OK}, nil
}

func (t Tester) lookAtHit(ctx context.Context, s State) (Progress, error) {
	story, found, err := t.find(ctx, s, s.Hit)
	switch {
	case err != nil || found == nil:
		return s.waits(stepDecided, "the worker to decide it"), err
	case found.Outcome == outcome.Waiting:
		return s.waits(stepDecided, "its click, which is not recorded yet"), nil
	}
	step := stepOf(stepDecided, s, found)
	for _, conversion := range story.Conversions {
		if conversion.ID == s.Hit {
			step.Conversion = &conversion
			step.OK = conversion.Test
			step.Text = fmt.Sprintf("It converted: revenue %s %s, payout %s %s", operate.Amount(conversion.Revenue, conversion.Currency), conversion.Currency,
				operate.Amount(conversion.Payout, conversion.Currency), conversion.Currency)
		}
	}
	if step.Conversion != nil && !step.OK {
		step.Text, step.Hint = "A worker of an earlier version decided it: the conversion counts in reports", "bring all workers to this version"
	}
	return Progress{State: s, Step: &step, Over: true}, nil
}

// find returns the story of a receipt and its hit; nil while it is not recorded.
func (t Tester) find(ctx context.Context, s State, receipt uuid.UUID) (trace.Trace, *trace.Hit, error) {
	story, err := t.Traces.Of(ctx, receipt, s.Account)
	var unknown *trace.UnknownError
	if errors.As(err, &unknown) {
		return trace.Trace{}, nil, nil
	}
	at := slices.IndexFunc(story.Hits, func(h trace.Hit) bool { return h.ID == receipt })
	if err != nil || at < 0 {
		return trace.Trace{}, nil, err
	}
	return story, &story.Hits[at], nil
}

func stepOf(name string, s State, found *trace.Hit) Step {
	return Step{
		Step: name, Receipt: &found.ID, Outcome: found.Outcome, Reason: found.Reason, Hint: found.Hint,
		Text: "It was " + string(found.Outcome) + ": " + found.Reason.Cause(), Millis: found.DecidedAt.Sub(found.ReceivedAt).Milliseconds(),
	}
}

// waits is the progress of a test that waits for something; it gives up after a while.
func (s State) waits(name, what string) Progress {
	waited := time.Since(s.Since)
	const hint = "the test goes on by itself meanwhile, and its trace shows what came of it; what holds it up: `integr8 queues`"
	switch {
	case waited > longestWait:
		step := Step{Step: name, Text: "Nothing came within a minute of waiting for " + what, Hint: hint, Millis: waited.Milliseconds()}
		return Progress{State: s, Step: &step, Over: true}
	case waited > longWait:
		return Progress{State: s, Waiting: "Waiting for " + what + ". " + hint + "."}
	default:
		return Progress{State: s, Waiting: "Waiting for " + what + "."}
	}
}
