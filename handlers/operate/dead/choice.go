package dead

import "github.com/google/uuid"

// Choice are the letters that a request acts on.
type Choice struct {
	Receipts []uuid.UUID `json:"receipts" nullable:"false" minItems:"1" maxItems:"500" uniqueItems:"true" doc:"The receipts of the hits."`
	Note     string      `json:"note,omitempty" maxLength:"500" doc:"Why: kept with what happened to each."`
}

// Filter matches the letters of an account (0: of all).
func (c Choice) Filter(account int64) Filter { return Filter{IDs: c.Receipts, AccountID: account} }
