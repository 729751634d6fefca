package reference

import (
	"errors"

	"integr8/handlers/attribution"
)

// TermsForm are a publisher's own terms for an offer, in JSON; what is left out keeps its
// earlier value, or the offer's if there was none.
type TermsForm struct {
	Payout  *string `json:"payout,omitempty" maxLength:"50" doc:"What the publisher earns a conversion: 2.50, or 80%."`
	Revenue *string `json:"revenue,omitempty" maxLength:"50" doc:"What the advertiser owes a conversion: 3.00, or 100%."`
}

// Terms returns the terms. Its errors match ErrInvalid.
func (f TermsForm) Terms() (attribution.Override, error) {
	if f.Payout == nil && f.Revenue == nil {
		return attribution.Override{}, errNothingToChange
	}
	var terms attribution.Override
	err := errors.Join(parsed("payout", f.Payout, ParseTerms, &terms.Payout), parsed("revenue", f.Revenue, ParseTerms, &terms.Revenue))
	return terms, err
}

// UniqueOrdersForm switches unique orders of an offer on or off, in JSON.
type UniqueOrdersForm struct {
	On bool `json:"unique_orders" doc:"Pay an order_id once, whatever the way in, the click and the publisher."`
}
