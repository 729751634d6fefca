package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// storyTable writes a story for people: an event a line, details below.
func storyTable(t *table, a trace.Trace) {
	if a.TransactionID != nil {
		t.row("transaction_id", *a.TransactionID)
		t.row("issued", operate.PreciseClock(*a.IssuedAt)+" UTC")
	}
	if a.Receipt != nil {
		t.row("receipt", *a.Receipt, "(marked > below)")
	}
	if known := len(slices.DeleteFunc(slices.Clone(a.Accounts), isUnknownAccount)); known > 1 {
		t.row()
		t.row(fmt.Sprintf("%d accounts used this id. Each is told apart; nothing passes from one to the other.", known))
	}
	if len(a.DroppedDays) > 0 {
		t.row("dropped", "Retention has dropped clicks and hits of "+strings.Join(a.DroppedDays, ", ")+". Conversions keep what they need of them.")
	}
	for _, account := range a.Accounts {
		t.row()
		if isUnknownAccount(account) {
			t.row("ACCOUNT NOT KNOWN")
		} else {
			t.row(fmt.Sprintf("ACCOUNT %d", account))
		}
		for _, event := range storyEvents(a, account) {
			event.table(t)
		}
	}
}

// isUnknownAccount says it of the hits that no token or click gave to an account.
func isUnknownAccount(account int64) bool { return account == 0 }

// traceEvent is one line of the story with its details.
type traceEvent struct {
	at      time.Time
	asked   bool
	what    string
	outcome string
	details [][2]string
}

func (e traceEvent) table(t *table) {
	mark := "  "
	if e.asked {
		mark = "> "
	}
	t.row(mark+operate.PreciseClock(e.at), e.what, e.outcome)
	for _, detail := range e.details {
		if detail[1] != "" {
			t.row("", "  "+detail[0], detail[1])
		}
	}
}

// storyEvents brings the parts of one account's story into order of time.
func storyEvents(a trace.Trace, account int64) []traceEvent {
	var events []traceEvent
	told := map[uuid.UUID]bool{}
	for _, click := range a.Clicks {
		if click.AccountID == account {
			told[click.HitID] = true
			events = append(events, clickEvent(click, a.Receipt != nil && *a.Receipt == click.HitID))
		}
	}
	for _, traced := range a.Hits {
		if traced.AccountID == account && !told[traced.ID] {
			events = append(events, hitEvent(traced))
		}
	}
	for _, conversion := range a.Conversions {
		if conversion.AccountID == account {
			events = append(events, conversionEvent(conversion))
		}
	}
	for _, attempt := range a.FailedAttempts {
		if attempt.AccountID == account {
			events = append(events, attemptEvent(attempt, a.Receipt != nil && *a.Receipt == attempt.HitID))
		}
	}
	slices.SortStableFunc(events, func(x, y traceEvent) int { return x.at.Compare(y.at) })
	return events
}

// testDetail is said of a click, a hit and a conversion of a test.
var testDetail = [2]string{"test", "It is a test: no report counts it."}

func clickEvent(click trace.Click, asked bool) traceEvent {
	event := traceEvent{at: click.ClickedAt, asked: asked, what: "click", outcome: string(click.Outcome), details: [][2]string{
		{"receipt", click.HitID.String()},
		{"offer", fmt.Sprintf("%d, publisher %d", click.OfferID, click.PublisherID)},
		{"sent to", click.Destination},
		{"from", click.ClientIP},
		{"user agent", click.UserAgent},
		{"referer", click.Referer},
		{"sent along", parameters(click.Parameters)},
		{"notes", notes(click.Notes)},
	}}
	if click.Bot {
		event.details = append(event.details, [2]string{"bot", "A known link preview or crawler: reports do not count the click."})
	}
	if click.Test {
		event.details = append(event.details, testDetail)
	}
	if click.TokenLeaked {
		event.details = append(event.details, [2]string{"warning",
			"The tracking link carried what looks like a secure token, which was dropped: if it is one, rotate it and mend the link."})
	}
	return event
}

func hitEvent(h trace.Hit) traceEvent {
	event := traceEvent{at: h.ReceivedAt, asked: h.Asked, what: string(h.Kind), outcome: string(h.Outcome)}
	if h.Reason != outcome.NoReason {
		event.outcome += ": " + string(h.Reason)
	}
	event.details = [][2]string{
		{"receipt", h.ID.String()},
		{"route", routeText(h.Route)},
		{"hint", h.Hint},
		{"notes", notes(h.Notes)},
	}
	if h.Kind == hit.Click { // a refused one: no row of clicks has these
		if click, err := hit.Decode(h.Request); err == nil {
			event.details = append(event.details, [][2]string{
				{"from", click.ClientIP}, {"user agent", click.UserAgent}, {"referer", click.Referer},
			}...)
		}
	}
	if h.Test {
		event.details = append(event.details, testDetail)
	}
	add := func(label, value string) { event.details = append(event.details, [2]string{label, value}) }
	if h.DuplicateOf != nil {
		add("repeats", h.DuplicateOf.String())
	}
	if h.WaitsUntil != nil {
		add("waits", fmt.Sprintf("for its click, until %s UTC", operate.Clock(*h.WaitsUntil)))
	}
	if h.Decisions > 1 {
		add("decided", fmt.Sprintf("%d times, last at %s UTC", h.Decisions, operate.Clock(h.DecidedAt)))
	}
	if h.DeadStatus != nil {
		add("dead letter", fmt.Sprintf("%s, died at %s UTC", *h.DeadStatus, operate.Clock(*h.DiedAt)))
		add("error", *h.Error)
		for _, happened := range h.DeadLetterEvents {
			add(operate.PreciseClock(happened.At), deadHistoryLine(happened))
		}
	}
	return event
}

func attemptEvent(a trace.Attempt, asked bool) traceEvent {
	return traceEvent{at: a.FailedAt, asked: asked, what: string(a.Kind), outcome: fmt.Sprintf("attempt %d failed", a.Attempt), details: [][2]string{
		{"receipt", a.HitID.String()},
		{"queue", a.Queue},
		{"error", a.Error},
		{"to be tried again", operate.PreciseClock(a.NextAt) + " UTC"},
	}}
}

func routeText(route attribution.Route) string {
	switch route {
	case attribution.Global:
		return "global URL"
	case attribution.OfferURL:
		return "offer-level URL"
	default:
		return ""
	}
}

func conversionEvent(c trace.Conversion) traceEvent {
	return traceEvent{at: c.ConvertedAt, what: "conversion", outcome: c.Status, details: [][2]string{
		{"id", c.ID.String()},
		{"offer", fmt.Sprintf("%d, publisher %d", c.OfferID, c.PublisherID)},
		{"event", fmt.Sprintf("%s, by %s, %s", c.Event, c.Method, routeText(c.Route))},
		{"revenue", operate.Amount(c.Revenue, c.Currency) + " " + c.Currency},
		{"payout", operate.Amount(c.Payout, c.Currency) + " " + c.Currency},
		{"clicked", clickText(c)},
		{"click's user agent", orEmpty(c.ClickUserAgent)},
		{"sent along", parameters(c.Parameters)},
	}}
}

// clickText says when and from which address the visitor of a conversion clicked.
func clickText(c trace.Conversion) string {
	if c.ClickedAt == nil {
		return ""
	}
	text := operate.PreciseClock(*c.ClickedAt) + " UTC"
	if c.ClickIP != nil {
		text += " from " + *c.ClickIP
	}
	return text
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// notes writes a JSON list of texts on one line.
func notes(list json.RawMessage) string {
	var texts []string
	if err := json.Unmarshal(list, &texts); err != nil {
		return string(list)
	}
	return strings.Join(texts, "; ")
}

// parameters writes a JSON object of texts on one line; empty when it is.
func parameters(object json.RawMessage) string {
	var sent map[string]string
	if err := json.Unmarshal(object, &sent); err != nil {
		return string(object)
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		pairs = append(pairs, fmt.Sprintf("%s=%q", name, sent[name]))
	}
	return strings.Join(pairs, " ")
}
