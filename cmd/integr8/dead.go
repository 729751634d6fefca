package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

type deadCommand struct {
	List    deadListCommand    `cmd:"" help:"List dead letters, the newest first; without a filter, count them by reason before."`
	Show    deadShowCommand    `cmd:"" help:"Show one dead letter: the hit as received, why it died, and what has been done."`
	Replay  deadReplayCommand  `cmd:"" time:"long" help:"Publish hits again, under their own ids, so that nothing is ever paid twice."`
	Discard deadDiscardCommand `cmd:"" time:"long" help:"Give dead letters up, after asking."`
	Undo    deadUndoCommand    `cmd:"" time:"long" help:"Bring back what was discarded."`
}

// deadFilter is what list, replay, discard and undo choose by.
type deadFilter struct {
	Account int64      `placeholder:"ID" help:"Only this account's."`
	Reason  deadReason `placeholder:"REASON" help:"Only those that died for this reason, such as unknown_publisher."`
	Offer   int64      `placeholder:"ID" help:"Only this offer's."`
	Kind    hit.Kind   `default:"" enum:",click,postback,pixel,clickless" help:"Only click, postback, pixel or clickless hits."`
	Since   moment     `placeholder:"TIME" help:"Only those that died since: how long ago (24h, 7d), a day, or a time (RFC 3339)."`
	Until   moment     `placeholder:"TIME" help:"Only those that died until then."`
}

// chosen reports whether the filter excludes anything.
func (f deadFilter) chosen() bool { return f != deadFilter{} }

// check refuses an account or an offer that is not there. Where dead letters name
// it they are shown all the same: a hit may name an offer that never was.
func (f deadFilter) check(ctx context.Context, db *store.Store, matching int64) error {
	if matching > 0 {
		return nil
	}
	return named{account: f.Account, offer: f.Offer}.check(ctx, db)
}

func (f deadFilter) forStore() store.DeadFilter {
	filter := store.DeadFilter{
		AccountID: f.Account,
		Reason:    attribution.Reason(f.Reason),
		OfferID:   f.Offer,
		Kind:      f.Kind,
		Since:     f.Since.Time,
		Until:     f.Until.Time,
	}
	if f.Until.day {
		filter.Until = f.Until.end().Add(-time.Microsecond) // Until is inclusive, to Postgres's precision
	}
	return filter
}

// deadReason is a reason that exists.
type deadReason attribution.Reason

// UnmarshalText refuses what is no reason, which else would choose nothing
// and look like good news.
func (r *deadReason) UnmarshalText(text []byte) error {
	*r = deadReason(text)
	if attribution.Reason(*r).Hint() == "" {
		if near := reasonsLike(string(text)); len(text) > 0 && len(near) > 0 {
			return fmt.Errorf("%q is not a reason; is %s meant?", text, strings.Join(near, " or "))
		}
		return fmt.Errorf("%q is not a reason; there are %s", text, strings.Join(reasonsLike(""), ", "))
	}
	return nil
}

// choices are the reasons, for completion.
func (r deadReason) choices() []string { return reasonsLike("") }

// reasonsLike returns the reasons that share a word with the text, or for an
// empty text all, sorted.
func reasonsLike(text string) []string {
	var like []string
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' })
	for _, reason := range attribution.Reasons() {
		shares := func(word string) bool { return slices.Contains(strings.Split(string(reason), "_"), word) }
		if text == "" || slices.ContainsFunc(words, shares) {
			like = append(like, string(reason))
		}
	}
	slices.Sort(like)
	return like
}

// deadView is a dead letter as it is answered.
type deadView struct {
	store.DeadLetter
	Hint string `json:"hint"`
	// KeptUntil is null for one that is kept for ever, or as long as it is open.
	KeptUntil *time.Time `json:"kept_until"`
}

func viewDead(letter store.DeadLetter, retention store.Retention) deadView {
	view := deadView{DeadLetter: letter, Hint: hintFor(letter.Reason, letter.Payload)}
	if until := retention.KeptUntil(&letter); !until.IsZero() {
		view.KeptUntil = &until
	}
	return view
}

// hintFor is the reason's hint with what of the hit it is about.
func hintFor(reason attribution.Reason, request []byte) string {
	h, err := hit.Decode(request)
	if err != nil {
		return reason.Hint()
	}
	return reason.HintFor(handlers.Qualifiers(h))
}

// deadRetention says in a line how long dead letters are kept.
func deadRetention(retention store.Retention) string {
	kept := func(name store.RetentionName) string {
		if retention[name] <= 0 {
			return "for ever"
		}
		return "for " + writeWindow(retention[name])
	}
	return fmt.Sprintf("Closed dead letters are kept %s, open ones with an unknown token %s; all other open ones for ever. See: integr8 retention show",
		kept(store.RetainClosedDeadLetters), kept(store.RetainUnknownTokenDeadLetters))
}

// deadReasonView is a reason with its count as it is answered.
type deadReasonView struct {
	store.DeadReason
	Hint string `json:"hint"`
}

func viewDeadReasons(reasons []store.DeadReason) (views []deadReasonView, total int64) {
	views = []deadReasonView{}
	for _, reason := range reasons {
		views = append(views, deadReasonView{DeadReason: reason, Hint: reason.Reason.Hint()})
		total += reason.Letters
	}
	return views, total
}

func deadReasonTable(t *table, reasons []deadReasonView) {
	t.row("REASON", "DEAD LETTERS", "OLDEST", "NEWEST")
	for _, reason := range reasons {
		t.row(reason.Reason, reason.Letters, clock(reason.Oldest), clock(reason.Newest))
	}
	for _, reason := range reasons {
		t.row(fmt.Sprintf("%s: %s", reason.Reason, reason.Hint))
	}
}

// deadStateText names a state for people.
func deadStateText(state store.DeadState) string {
	switch state {
	case store.StateOnTheWay:
		return "replayed, on its way"
	case store.StateSilent:
		return "replayed, silent"
	default:
		return string(state)
	}
}
