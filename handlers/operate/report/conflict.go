package report

import (
	"context"
	"time"

	"integr8/pipeline/outcome"
)

// Conflict is an offer that is sent both URL forms: the global postback and its own.
type Conflict struct {
	AccountID          int64  `db:"account_id" json:"account_id"`
	OfferID            int64  `db:"offer_id" json:"offer"`
	Name               string `db:"name" json:"name"`
	HitsGlobal         int64  `db:"hits_global" json:"hits_global"`
	HitsOffer          int64  `db:"hits_offer" json:"hits_offer"`
	ConversionsGlobal  int64  `db:"conversions_global" json:"conversions_global"`
	ConversionsOffer   int64  `db:"conversions_offer" json:"conversions_offer"`
	DuplicatesOtherURL int64  `db:"duplicates_other_url" json:"duplicates_other_url"`
	// LastGlobal and LastOffer are the last uses of each form.
	LastGlobal *time.Time `db:"last_global" json:"last_global"`
	LastOffer  *time.Time `db:"last_offer" json:"last_offer"`
	LastSeen   time.Time  `db:"last_seen" json:"last_seen"`
	Hint       string     `db:"-" json:"hint"`
}

// ConflictReport lists the offers that were sent both forms.
type ConflictReport struct {
	Period
	Conflicts []Conflict `json:"conflicts"`
}

// Conflicts lists the offers that were sent both URL forms, those with the most
// repeated conversions first.
func (r Reports) Conflicts(ctx context.Context, filter Filter) (ConflictReport, error) {
	filter, err := r.check(ctx, filter)
	if err != nil {
		return ConflictReport{}, err
	}
	conflicts, err := r.Store.ReportConflicts(ctx, filter)
	if err != nil {
		return ConflictReport{}, err
	}
	of, err := r.period(ctx, filter)
	if err != nil {
		return ConflictReport{}, err
	}
	report := ConflictReport{Period: of, Conflicts: []Conflict{}}
	for _, conflict := range conflicts {
		conflict.Hint = conflict.hint()
		report.Conflicts = append(report.Conflicts, conflict)
	}
	return report, nil
}

func (c Conflict) hint() string {
	if c.DuplicatesOtherURL > 0 {
		return outcome.DuplicateOtherURL.Hint()
	}
	return "Both URL forms are in use, though no conversion came through both yet: have the advertiser keep one of them."
}
