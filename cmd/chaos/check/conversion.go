package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"integr8/cmd/chaos/model"
)

// duplicateOrder is the reason of a duplicate whose order another conversion has.
const duplicateOrder = "duplicate_order"

// conversions verifies that each key, and each order of an offer with unique orders,
// has one conversion, made by one of the hits that claim it, and that the others are
// duplicates that point at it.
func (c *checker) conversions() {
	made := c.made()
	missed := map[string]bool{}
	for _, seq := range slices.Sorted(maps.Keys(c.judged)) {
		e, row := c.judged[seq], c.bySeq[seq]
		if e.Claim == nil || row == nil {
			continue
		}
		want := made.allow(e.Claim, row, c.byID)
		if len(want) == 0 {
			c.lose(e, missed)
			continue
		}
		got := fmt.Sprintf("%s %s, conversion_id %s, duplicate_of %s", row.outcome, row.reason, row.conversionID, row.duplicateOf)
		if !slices.Contains(want, got) {
			c.violate(WrongDuplicate, seq, row.id, strings.Join(want, "; or "), got)
		}
	}
}

// standing holds the conversions by key and by order.
type standing struct{ byKey, byOrder map[string]*conversionRow }

// made checks every conversion that exists.
func (c *checker) made() standing {
	s := standing{map[string]*conversionRow{}, map[string]*conversionRow{}}
	for i := range c.rows.conversions {
		row := &c.rows.conversions[i]
		hit := c.byID[row.id]
		if hit == nil || c.judged[hit.seq] == nil || c.judged[hit.seq].Claim == nil {
			c.violate(MadeUp, 0, row.id, "conversions that the model makes of the ledger", "one of "+or(row.transactionID, "no click"))
			continue
		}
		e := c.judged[hit.seq]
		if c.doubles(s.byKey, e.Claim.Key, e.Seq, row) {
			continue
		}
		c.worth(e, row)
		if e.Claim.Order != "" {
			c.doubles(s.byOrder, e.Claim.Order, e.Seq, row)
		}
	}
	return s
}

// doubles adds a conversion under its key or order, and reports whether there was one
// already.
func (c *checker) doubles(made map[string]*conversionRow, once string, seq int64, row *conversionRow) bool {
	first := made[once]
	if first != nil {
		c.violate(Doubled, seq, row.id, "one conversion of "+once, "another one, "+first.id)
		return true
	}
	made[once] = row
	return false
}

// allow lists the conversions that the row of a claiming hit may name; none when the
// conversion is missing. A hit whose key and whose order have two different conversions
// may point at either: only the database knew which of them existed when the hit was
// decided.
func (s standing) allow(claim *model.Claim, row *hitRow, hits map[string]*hitRow) []string {
	var allowed []string
	byKey, byOrder := s.byKey[claim.Key], s.byOrder[claim.Order]
	if byKey != nil && byKey.id == row.id {
		return []string{fmt.Sprintf("converted , conversion_id %s, duplicate_of ", row.id)}
	}
	if byKey != nil {
		reason := "duplicate_same_url"
		if row.route != hits[byKey.id].route {
			reason = "duplicate_other_url"
		}
		allowed = append(allowed, duplicateOf(byKey, reason))
	}
	if byOrder != nil && byOrder != byKey {
		allowed = append(allowed, duplicateOf(byOrder, duplicateOrder))
	}
	return allowed
}

func duplicateOf(made *conversionRow, reason string) string {
	return fmt.Sprintf("duplicate %s, conversion_id %s, duplicate_of %s", reason, made.id, made.id)
}

// lose reports that neither the key nor the order of a hit has a conversion, once for
// all hits with the same.
func (c *checker) lose(e *model.Expectation, missed map[string]bool) {
	if !missed[e.Claim.Key] && !missed[e.Claim.Order] {
		c.violate(Lost, e.Seq, e.Answer.Receipt, "a conversion of "+or(e.Claim.Order, e.Claim.Key), "none")
	}
	missed[e.Claim.Key] = true
	if e.Claim.Order != "" {
		missed[e.Claim.Order] = true
	}
}

// worth compares a conversion with the one that the model computes for its hit.
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
