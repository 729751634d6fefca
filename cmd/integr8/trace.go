package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
	"integr8/sql/store"
)

type traceCommand struct {
	output
	ID      id    `arg:"" help:"A transaction_id or a receipt, in any spelling."`
	Account int64 `placeholder:"ID" help:"Only this account's part of the story."`
}

// traceAnswer is the story of an id. Each part is in order of account, then
// time.
type traceAnswer struct {
	// TransactionID is 32 hex digits; null for a hit that named none.
	TransactionID *string    `json:"transaction_id"`
	IssuedAt      *time.Time `json:"issued_at"`
	// Receipt is set when a receipt was asked for.
	Receipt *uuid.UUID `json:"receipt"`
	// Accounts has more than one element when an account tried another's
	// transaction_id; 0 stands for hits whose account is not known.
	Accounts    []int64                  `json:"accounts"`
	Clicks      []store.TracedClick      `json:"clicks"`
	Hits        []tracedHit              `json:"hits"`
	Conversions []store.TracedConversion `json:"conversions"`
}

// tracedHit is a hit as it is answered.
type tracedHit struct {
	store.TracedHit
	Hint string `json:"hint"`
	// Asked marks the hit whose receipt was asked for.
	Asked bool `json:"asked"`
	// DeadLetterEvents are what happened to the hit's dead letter, in order of time.
	DeadLetterEvents []deadEvent `json:"dead_letter_events,omitempty"`
}

// Run prints the story of a click or a hit.
func (c *traceCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	if err := (named{account: c.Account}).check(ctx, db); err != nil {
		return err
	}
	story, err := db.Trace(ctx, c.ID.UUID)
	if err != nil {
		return err
	}
	answer := c.answer(story)
	if len(answer.Accounts) == 0 {
		return c.notFound(ctx, app, db)
	}
	if err := answer.tellDeadLetters(ctx, db); err != nil {
		return err
	}
	return c.print(app, answer, answer.table)
}

func (c *traceCommand) answer(story store.Story) traceAnswer {
	answer := traceAnswer{Clicks: []store.TracedClick{}, Hits: []tracedHit{}, Conversions: []store.TracedConversion{}}
	accounts := []int64{}
	for _, click := range story.Clicks {
		if c.tells(click.AccountID) {
			answer.Clicks = append(answer.Clicks, click)
			accounts = append(accounts, click.AccountID) // the click's owner comes first
		}
	}
	for _, conversion := range story.Conversions {
		if c.tells(conversion.AccountID) {
			answer.Conversions = append(answer.Conversions, conversion)
		}
	}
	for _, traced := range story.Hits {
		if !c.tells(traced.AccountID) {
			continue
		}
		asked := traced.ID == c.ID.UUID
		hint := cmp.Or(orderHint(traced, story.Conversions), hintFor(traced.Reason, traced.Request))
		answer.Hits = append(answer.Hits, tracedHit{TracedHit: traced, Hint: hint, Asked: asked})
		accounts = append(accounts, traced.AccountID)
		if asked {
			answer.Receipt, answer.TransactionID = &c.ID.UUID, traced.TransactionID
		}
	}
	if answer.Receipt == nil && len(accounts) > 0 {
		text := hit.TransactionID(c.ID.UUID).String()
		answer.TransactionID = &text
	}
	if answer.TransactionID != nil {
		issued := issuedAt(*answer.TransactionID)
		answer.IssuedAt = &issued
	}
	for _, account := range accounts {
		if !slices.Contains(answer.Accounts, account) {
			answer.Accounts = append(answer.Accounts, account)
		}
	}
	answer.groupByAccount()
	return answer
}

// tellDeadLetters adds what happened to the dead letters of the hits.
func (a *traceAnswer) tellDeadLetters(ctx context.Context, db *store.Store) error {
	var dead []uuid.UUID
	for _, traced := range a.Hits {
		if traced.DeadStatus != nil {
			dead = append(dead, traced.ID)
		}
	}
	if len(dead) == 0 {
		return nil
	}
	told, err := db.DeadEvents(ctx, dead...)
	if err != nil {
		return err
	}
	for i := range a.Hits {
		for _, event := range told[a.Hits[i].ID] {
			a.Hits[i].DeadLetterEvents = append(a.Hits[i].DeadLetterEvents, viewDeadEvent(event))
		}
	}
	return nil
}

func (c *traceCommand) tells(account int64) bool { return c.Account == 0 || c.Account == account }

// groupByAccount brings the rows of each account together; within one they
// stay in order of time.
func (a *traceAnswer) groupByAccount() {
	place := func(account int64) int { return slices.Index(a.Accounts, account) }
	slices.SortStableFunc(a.Clicks, func(x, y store.TracedClick) int { return place(x.AccountID) - place(y.AccountID) })
	slices.SortStableFunc(a.Hits, func(x, y tracedHit) int { return place(x.AccountID) - place(y.AccountID) })
	slices.SortStableFunc(a.Conversions, func(x, y store.TracedConversion) int { return place(x.AccountID) - place(y.AccountID) })
}

// issuedAt is the time within a transaction_id, given as stored.
func issuedAt(text string) time.Time {
	var transaction hit.TransactionID
	if err := transaction.UnmarshalText([]byte(text)); err != nil {
		return time.Time{} // it comes from a uuid column, which holds no other form
	}
	return transaction.Time()
}

// firstYear is the earliest that an id can be of; an id with another time in
// it was made by somebody else.
const firstYear = 2020

// notFound explains as well as the id itself allows.
func (c *traceCommand) notFound(ctx context.Context, app *app, db *store.Store) error {
	letters, err := db.DeadLetters(ctx, store.DeadFilter{IDs: numbers([]id{c.ID})}, store.NewestDeath, nil, 1)
	if err != nil {
		return err
	}
	if len(letters) > 0 {
		return withHint(fmt.Errorf("%s is known only as a dead letter (%s)", c.ID, letters[0].Reason),
			"integr8 dead show "+c.ID.String())
	}
	transaction := hit.TransactionID(c.ID.UUID)
	at := transaction.Time()
	missing := fmt.Errorf("nothing is known of %s", transaction)
	const later = "its hit may still be in a queue (integr8 queues), or retention has dropped it"
	if keys, err := app.settings.keys(); err == nil {
		if _, err := keys.Verify(transaction.String()); err == nil {
			return withHint(fmt.Errorf("%w: the transaction_id is genuine and was issued at %s UTC, but no click and no postback with it is stored",
				missing, clock(at)), later)
		}
		if !isReceipt(c.ID.UUID) {
			return withHint(fmt.Errorf("%w: it is not a transaction_id of this system, and no receipt", missing),
				"check that it was copied whole")
		}
	}
	switch plausible := at.Year() >= firstYear && at.Before(time.Now().Add(24*time.Hour)); {
	case plausible && isReceipt(c.ID.UUID):
		return withHint(fmt.Errorf("%w: if it is a receipt, it was given at %s UTC", missing, clock(at)), later)
	case plausible:
		return withHint(fmt.Errorf("%w: if the transaction_id is genuine, it was issued at %s UTC", missing, clock(at)), later)
	default:
		return withHint(fmt.Errorf("%w: the time in it is %s UTC, so it was not made here", missing, clock(at)),
			"check that it was copied whole")
	}
}

// isReceipt reports whether the id has the form of one, a UUIDv7.
func isReceipt(one uuid.UUID) bool { return one.Version() == 7 && one.Variant() == uuid.RFC4122 }
