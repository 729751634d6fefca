package trace

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
)

// Trace is the story of an id. Each part is sorted by account, then time.
type Trace struct {
	// TransactionID is 32 hex digits; null for a hit that named none.
	TransactionID *string    `json:"transaction_id"`
	IssuedAt      *time.Time `json:"issued_at"`
	// Receipt is set when the id is a receipt.
	Receipt *uuid.UUID `json:"receipt"`
	// Accounts has more than one element when an account sent another's transaction_id;
	// 0 stands for hits whose account is not known.
	Accounts []int64 `json:"accounts"`
	// DroppedDays are the days of the id and of its conversions of which retention has
	// dropped clicks or hits: what was recorded then may be missing here.
	DroppedDays []string     `json:"dropped_days,omitempty"`
	Clicks      []Click      `json:"clicks"`
	Hits        []Hit        `json:"hits"`
	Conversions []Conversion `json:"conversions"`
	// FailedAttempts are those of the last month after which a hit was to be tried again. One
	// that has no row among Hits is still being tried, if its hit was not dropped since.
	FailedAttempts []Attempt `json:"failed_attempts,omitempty"`
}

// Hit is a hit with its outcome.
type Hit struct {
	Record
	Hint string `json:"hint"`
	// Asked marks the hit whose receipt the id is.
	Asked bool `json:"asked"`
	// DeadLetterEvents are the events of the hit's dead letter, in order of time.
	DeadLetterEvents []dead.HistoryLine `json:"dead_letter_events,omitempty"`
}

// Of returns the story of an id, a transaction_id or a receipt. With an account it
// returns only that account's part, and a reference.NotFoundError when there is no such
// account. When nothing is recorded it returns an UnknownError with what the id itself
// shows.
func (t Traces) Of(ctx context.Context, id uuid.UUID, account int64) (Trace, error) {
	if err := (reference.Named{Account: account}).Check(ctx, t.Store); err != nil {
		return Trace{}, err
	}
	story, err := t.Store.Trace(ctx, id)
	if err != nil {
		return Trace{}, err
	}
	trace := of(story, id, account)
	if len(trace.Accounts) == 0 {
		return Trace{}, t.unknown(ctx, id, account)
	}
	if err := t.addDeadLetterEvents(ctx, trace.Hits); err != nil {
		return Trace{}, err
	}
	trace.DroppedDays, err = t.droppedDays(ctx, trace.times(id)...)
	return trace, err
}

// of selects an account's part of a story; all of it for account 0.
func of(story Story, id uuid.UUID, account int64) Trace {
	trace := Trace{Clicks: []Click{}, Hits: []Hit{}, Conversions: []Conversion{}}
	wanted := func(owner int64) bool { return account == 0 || account == owner }
	var accounts []int64
	for _, click := range story.Clicks {
		if wanted(click.AccountID) {
			trace.Clicks = append(trace.Clicks, click)
			accounts = append(accounts, click.AccountID) // the click's owner comes first
		}
	}
	for _, conversion := range story.Conversions {
		if !wanted(conversion.AccountID) {
			continue
		}
		trace.Conversions = append(trace.Conversions, conversion)
		accounts = append(accounts, conversion.AccountID)
		if conversion.ID == id { // its hit may be gone
			trace.Receipt, trace.TransactionID = &id, conversion.TransactionID
		}
	}
	for _, record := range story.Hits {
		if !wanted(record.AccountID) {
			continue
		}
		asked := record.ID == id
		hint := cmp.Or(orderHint(record, story.Conversions), operate.HintOf(record.Reason, record.Request))
		trace.Hits = append(trace.Hits, Hit{Record: record, Hint: hint, Asked: asked})
		accounts = append(accounts, record.AccountID)
		if asked {
			trace.Receipt, trace.TransactionID = &id, record.TransactionID
		}
	}
	for _, attempt := range story.Attempts {
		if at := slices.IndexFunc(story.Hits, func(r Record) bool { return r.ID == attempt.HitID }); at >= 0 {
			attempt.AccountID = story.Hits[at].AccountID // it may be known since
		}
		if !wanted(attempt.AccountID) {
			continue
		}
		trace.FailedAttempts = append(trace.FailedAttempts, attempt)
		accounts = append(accounts, attempt.AccountID)
		if attempt.HitID == id && trace.Receipt == nil {
			trace.Receipt, trace.TransactionID = &id, transactionOf(attempt)
		}
	}
	if trace.Receipt == nil && len(accounts) > 0 {
		text := token.TransactionID(id).String()
		trace.TransactionID = &text
	}
	if trace.TransactionID != nil {
		issued := issuedAt(*trace.TransactionID)
		trace.IssuedAt = &issued
	}
	for _, owner := range accounts {
		if !slices.Contains(trace.Accounts, owner) {
			trace.Accounts = append(trace.Accounts, owner)
		}
	}
	trace.groupByAccount()
	return trace
}

func transactionOf(a Attempt) *string {
	if !a.TransactionID.Valid {
		return nil
	}
	text := token.TransactionID(a.TransactionID.UUID).String()
	return &text
}

// groupByAccount sorts the rows by account. The rows of one account stay in order of
// time.
func (t *Trace) groupByAccount() {
	place := func(account int64) int { return slices.Index(t.Accounts, account) }
	slices.SortStableFunc(t.Clicks, func(x, y Click) int { return place(x.AccountID) - place(y.AccountID) })
	slices.SortStableFunc(t.Hits, func(x, y Hit) int { return place(x.AccountID) - place(y.AccountID) })
	slices.SortStableFunc(t.Conversions, func(x, y Conversion) int { return place(x.AccountID) - place(y.AccountID) })
	slices.SortStableFunc(t.FailedAttempts, func(x, y Attempt) int { return place(x.AccountID) - place(y.AccountID) })
}

// addDeadLetterEvents adds the events of their dead letters to the hits.
func (t Traces) addDeadLetterEvents(ctx context.Context, hits []Hit) error {
	var letters []uuid.UUID
	for _, hit := range hits {
		if hit.DeadStatus != nil {
			letters = append(letters, hit.ID)
		}
	}
	if len(letters) == 0 {
		return nil
	}
	events, err := t.Store.DeadEvents(ctx, letters...)
	if err != nil {
		return err
	}
	for i := range hits {
		for _, event := range events[hits[i].ID] {
			hits[i].DeadLetterEvents = append(hits[i].DeadLetterEvents, dead.LineOf(event))
		}
	}
	return nil
}

// issuedAt returns the time within a transaction_id in its stored form.
func issuedAt(text string) time.Time {
	var transaction token.TransactionID
	if err := transaction.UnmarshalText([]byte(text)); err != nil {
		return time.Time{} // impossible: the text comes from a uuid column
	}
	return transaction.Time()
}
