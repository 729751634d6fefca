package alerts

import (
	"cmp"
	"context"
	"time"

	"integr8/pipeline/outcome"
)

// Alert is a time in which the condition of a rule was met for a subject.
type Alert struct {
	ID        int64          `db:"id" json:"id"`
	RuleID    int64          `db:"rule_id" json:"rule"`
	AccountID int64          `db:"account_id" json:"account_id"`
	OfferID   int64          `db:"offer_id" json:"offer"` // 0 for the account
	Reason    outcome.Reason `db:"reason" json:"reason"`
	Name      string         `db:"name" json:"name"` // that of the rule
	Condition Condition      `db:"condition" json:"condition"`
	// BeganAt and EndedAt are the ends of the windows that showed it; EndedAt is null
	// while it is on.
	BeganAt time.Time  `db:"began_at" json:"began_at"`
	EndedAt *time.Time `db:"ended_at" json:"ended_at"`
	// Text says what was seen when it began, EndText when it ended.
	Text    string `db:"text" json:"text"`
	EndText string `db:"end_text" json:"end_text"`
	// Silenced is set when the rule was silenced as the alert began: nobody was told.
	Silenced bool `db:"silenced" json:"silenced"`
	// Notices counts the notices of the alert, Sent those that arrived, and Failed those
	// that were given up. LastError is that of the latest that did not arrive. Where the
	// alerts of one account are chosen, notices to webhooks of operators do not count.
	Notices   int64  `db:"notices" json:"notices"`
	Sent      int64  `db:"sent" json:"sent"`
	Failed    int64  `db:"failed" json:"failed"`
	LastError string `db:"last_error" json:"last_error"`
}

func (s Subject) compare(other Subject) int {
	return cmp.Or(cmp.Compare(s.OfferID, other.OfferID), cmp.Compare(s.Reason, other.Reason))
}

// Filter chooses alerts; a zero field chooses all.
type Filter struct {
	Account int64
	Rule    int64
	On      bool // only those that have not ended
}

// Log is what alerts there are and were.
type Log struct{ Store LogStore }

// LogStore holds alerts.
type LogStore interface {
	// Alerts lists at most so many alerts, the latest first, below an id (0: from the
	// latest on).
	Alerts(ctx context.Context, filter Filter, below int64, limit int) ([]Alert, error)
}

// List returns at most limit alerts, the latest first, below an id (0: from the latest
// on).
func (l Log) List(ctx context.Context, filter Filter, below int64, limit int) ([]Alert, error) {
	return l.Store.Alerts(ctx, filter, below, limit)
}
