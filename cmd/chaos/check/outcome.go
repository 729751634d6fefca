package check

import (
	"fmt"

	"integr8/cmd/chaos/model"
)

// outcomes compares each hit's row with the model. Of hits that claim a conversion it
// only checks that they are converted or duplicates; conversions checks which of them
// is which.
func (c *checker) outcomes() {
	for seq, e := range c.judged {
		row := c.bySeq[seq]
		if row == nil {
			continue
		}
		c.countOutcome(row)
		if row.kind != e.Kind || row.account != e.Account || row.route != e.Route || row.transactionID != e.TransactionID {
			c.violate(WrongOutcome, seq, row.id,
				fmt.Sprintf("kind %s, account %d, route %q, transaction_id %q", e.Kind, e.Account, e.Route, e.TransactionID),
				fmt.Sprintf("kind %s, account %d, route %q, transaction_id %q", row.kind, row.account, row.route, row.transactionID))
		}
		if e.Claim != nil {
			if row.outcome != "converted" && row.outcome != "duplicate" {
				c.violate(WrongOutcome, seq, row.id, model.Claims, row.outcome+" "+row.reason)
			}
			continue
		}
		if e.Early && row.outcome == model.Unmatched {
			c.violate(WrongWait, seq, row.id, "a wait that ends once the window is over, and not at the first look",
				fmt.Sprintf("unmatched at decision %d, %s after its receipt", row.decisions, row.decidedAt.Sub(row.receivedAt)))
		}
		stillWaits := e.Undecided && row.outcome == model.Waiting
		if !stillWaits && (row.outcome != e.Outcome || row.reason != e.Reason) {
			c.violate(WrongOutcome, seq, row.id, e.Outcome+" "+e.Reason, row.outcome+" "+row.reason)
		}
		if row.conversionID != "" || row.duplicateOf != "" {
			c.violate(WrongOutcome, seq, row.id, "no conversion", "conversion "+row.conversionID+row.duplicateOf)
		}
	}
}

func (c *checker) countOutcome(row *hitRow) {
	if row.decisions > 1 && (row.outcome == "converted" || row.outcome == "duplicate") {
		c.report.Late++
	}
	switch row.outcome {
	case "recorded":
		c.report.Clicks++
	case "converted":
		c.report.Conversions++
	case "duplicate":
		c.report.Duplicates++
		if row.reason == duplicateOrder {
			c.report.OrderDuplicates++
		}
	case "rejected", "unmatched":
		c.report.Rejected++
	case "waiting":
		c.report.Waiting++
	case "failed":
		c.report.Failed++
	}
}

// clicks compares the clicks with those of the model.
func (c *checker) clicks() {
	expected := map[string]*model.Expectation{}
	for seq, e := range c.judged {
		if e.Outcome == model.Recorded && c.bySeq[seq] != nil {
			expected[e.TransactionID] = e
		}
	}
	seen := map[string]bool{}
	for _, row := range c.rows.clicks {
		e := expected[row.transactionID]
		switch {
		case e == nil:
			c.violate(MadeUp, 0, row.hitID, "clicks of requests in the ledger only", "click "+row.transactionID)
			continue
		case seen[row.transactionID]:
			c.violate(Doubled, e.Seq, row.hitID, "one click", "two of "+row.transactionID)
			continue
		}
		seen[row.transactionID] = true
		want := fmt.Sprintf("hit %s, account %d, offer %s, publisher %s, sub_id %q",
			c.bySeq[e.Seq].id, e.Account, e.Get("offer"), e.Get("publisher"), e.Get("sub_id"))
		got := fmt.Sprintf("hit %s, account %d, offer %d, publisher %d, sub_id %q",
			row.hitID, row.account, row.offer, row.publisher, row.subID)
		if got != want {
			c.violate(WrongClick, e.Seq, row.hitID, want, got)
		}
	}
	for id, e := range expected {
		if !seen[id] {
			c.violate(Lost, e.Seq, e.Answer.Receipt, "click "+id, "none")
		}
	}
}

// deadLetters checks that hits that are rejected, unmatched or failed have an open dead
// letter, and no others have.
func (c *checker) deadLetters() {
	seen := map[string]bool{}
	for _, row := range c.rows.dead {
		hit := c.byID[row.id]
		if hit == nil || c.judged[hit.seq] == nil {
			c.violate(WrongDeadLetter, 0, row.id, "dead letters of hits in the ledger only", row.outcome+" "+row.reason)
			continue
		}
		e := c.judged[hit.seq]
		if seen[row.id] {
			c.violate(Doubled, e.Seq, row.id, "one dead letter", "two")
			continue
		}
		seen[row.id] = true
		want := "none"
		if dies(e.Outcome) {
			want = fmt.Sprintf("%s %s, open, account %d", e.Outcome, e.Reason, e.Account)
		} else if row.reason == "unverified_transaction_id" && c.world.At(e.Request).Doubtful {
			want = fmt.Sprintf("rejected unverified_transaction_id, resolved, account %d", e.Account)
		} else if c.world.EndsEarly && row.outcome == model.Unmatched {
			want = fmt.Sprintf("unmatched click_never_came, resolved, account %d", e.Account)
		}
		if got := fmt.Sprintf("%s %s, %s, account %d", row.outcome, row.reason, row.status, row.account); got != want {
			c.violate(WrongDeadLetter, e.Seq, row.id, want, got)
		}
	}
	for seq, e := range c.judged {
		if row := c.bySeq[seq]; row != nil && dies(e.Outcome) && !e.Undecided && !seen[row.id] {
			c.violate(WrongDeadLetter, seq, row.id, "a dead letter: "+e.Outcome+" "+e.Reason, "none")
		}
	}
}

func dies(outcome string) bool {
	return outcome == model.Rejected || outcome == model.Unmatched || outcome == model.Failed
}

// waiting checks that each waiting hit has a waiting row, and no other hit has one.
func (c *checker) waiting() {
	seen := map[string]bool{}
	for _, row := range c.rows.waiting {
		hit := c.byID[row.hitID]
		if hit == nil || hit.outcome != model.Waiting || hit.transactionID != row.transactionID || hit.account != row.account {
			c.violate(WrongWait, 0, row.hitID, "places of waiting hits only", "a place for "+row.transactionID)
			continue
		}
		if seen[row.hitID] {
			c.violate(WrongWait, hit.seq, row.hitID, "one place", "two")
		}
		seen[row.hitID] = true
	}
	for seq, row := range c.bySeq {
		if row.outcome == model.Waiting && !seen[row.id] {
			c.violate(WrongWait, seq, row.id, "a waiting row", "none")
		}
	}
}

// leaks checks that each click that carried a token is counted once.
func (c *checker) leaks() {
	var want int64
	for seq, e := range c.judged {
		if e.Leak && c.bySeq[seq] != nil {
			want++
		}
	}
	if c.rows.leaks != want {
		c.violate(WrongLeaks, 0, "", fmt.Sprintf("%d leaks", want), fmt.Sprintf("%d", c.rows.leaks))
	}
}
