package report

import (
	"context"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/outcome"
)

// Reason counts the hits that came to no good end for one reason.
type Reason struct {
	Outcome  outcome.Outcome `db:"outcome" json:"outcome"`
	Reason   outcome.Reason  `db:"reason" json:"reason"`
	Hits     int64           `db:"hits" json:"hits"`
	LastSeen time.Time       `db:"last_seen" json:"last_seen"`
	// Example is the receipt of the newest of them, and zero when its row is gone; LastSeen
	// is then the begin of its quarter hour.
	Example uuid.UUID `db:"example" json:"example"`
	Hint    string    `db:"-" json:"hint"`
}

// ReasonReport counts hits by reason.
type ReasonReport struct {
	Period
	Reasons []Reason `json:"reasons"`
}

// Reasons counts the hits that were rejected, unmatched or failed, the most frequent
// reason first.
func (r Reports) Reasons(ctx context.Context, filter Filter) (ReasonReport, error) {
	filter, err := r.checkQuarters(ctx, filter)
	if err != nil {
		return ReasonReport{}, err
	}
	of, counted, err := r.rolledUp(ctx, filter)
	if err != nil {
		return ReasonReport{}, err
	}
	reasons, err := r.Store.ReportReasons(ctx, counted)
	if err != nil {
		return ReasonReport{}, err
	}
	report := ReasonReport{Period: of, Reasons: []Reason{}}
	for _, reason := range reasons {
		reason.Hint = reason.Reason.Hint()
		report.Reasons = append(report.Reasons, reason)
	}
	return report, nil
}
