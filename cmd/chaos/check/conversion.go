package check

import (
	"fmt"

	"integr8/cmd/chaos/model"
)

// conversions proves that each key has one conversion, made by one of the
// hits that claim it, and that the others are duplicates that point at it.
func (c *checker) conversions() {
	claims := map[string][]*model.Expectation{}
	for seq, e := range c.judged {
		if e.Claim != nil && c.bySeq[seq] != nil {
			claims[e.Claim.Key] = append(claims[e.Claim.Key], e)
		}
	}
	made := map[string]*conversionRow{}
	for i := range c.rows.conversions {
		row := &c.rows.conversions[i]
		hit := c.byID[row.id]
		if hit == nil || c.judged[hit.seq] == nil || c.judged[hit.seq].Claim == nil {
			c.violate(MadeUp, 0, row.id, "conversions that the model makes of the ledger", "one of "+or(row.transactionID, "no click"))
			continue
		}
		e := c.judged[hit.seq]
		if first := made[e.Claim.Key]; first != nil {
			c.violate(Doubled, e.Seq, row.id, "one conversion of "+e.Claim.Key, "another one, "+first.id)
			continue
		}
		made[e.Claim.Key] = row
		c.worth(e, row)
	}
	for key, claimants := range claims {
		c.claimants(key, claimants, made[key])
	}
}

// worth compares a conversion with what the model has its hit make.
func (c *checker) worth(e *model.Expectation, row *conversionRow) {
	id := e.TransactionID
	describe := func(transactionID, event, status, method, route, currency string, account, offer, publisher int64, revenue, payout, order, external, sub string) string {
		return fmt.Sprintf("transaction_id %q, %s %s by %s over %s, account %d, offer %d, publisher %d, revenue %s, payout %s %s, order_id %q, external_transaction_id %q, sub_id %q",
			transactionID, status, event, method, route, account, offer, publisher, revenue, payout, currency, order, external, sub)
	}
	claim := e.Claim
	want := describe(id, "conversion", "approved", claim.Method, e.Route, claim.Currency, e.Account, claim.Offer, claim.Publisher,
		claim.Revenue.StringFixed(6), claim.Payout.StringFixed(6), e.Get("order_id"), e.Get("external_transaction_id"), e.Get("sub_id"))
	got := describe(row.transactionID, row.event, row.status, row.method, row.route, row.currency, row.account, row.offer, row.publisher,
		row.revenue.StringFixed(6), row.payout.StringFixed(6), row.orderID, row.externalID, row.subID)
	if got != want {
		c.violate(WrongConversion, e.Seq, row.id, want, got)
	}
}

func (c *checker) claimants(key string, claimants []*model.Expectation, made *conversionRow) {
	if made == nil {
		first := claimants[0]
		c.violate(Lost, first.Seq, first.Answer.Receipt, "a conversion of "+key, "none")
		return
	}
	winner := c.byID[made.id]
	for _, e := range claimants {
		row := c.bySeq[e.Seq]
		want := fmt.Sprintf("converted , conversion_id %s, duplicate_of ", made.id)
		if row.id != made.id {
			reason := "duplicate_same_url"
			if row.route != winner.route {
				reason = "duplicate_other_url"
			}
			want = fmt.Sprintf("duplicate %s, conversion_id %s, duplicate_of %s", reason, made.id, made.id)
		}
		got := fmt.Sprintf("%s %s, conversion_id %s, duplicate_of %s", row.outcome, row.reason, row.conversionID, row.duplicateOf)
		if got != want {
			c.violate(WrongDuplicate, e.Seq, row.id, want, got)
		}
	}
}
