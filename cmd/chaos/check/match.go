package check

import (
	"fmt"
	"net/http"
	"net/url"

	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/model"
)

// answers checks and counts the answers to senders.
func (c *checker) answers(entries []ledger.Entry) {
	for _, e := range entries {
		a := e.Answer
		if a.Accepted() {
			c.report.Accepted++
		}
		if a.Fate != ledger.Answered {
			continue
		}
		door := c.world.At(e.Request)
		switch {
		case a.Status == http.StatusServiceUnavailable:
			if a.RetryAfter == "" {
				c.violate(WrongAnswer, e.Seq, a.Receipt, "503 with Retry-After", "503 without")
			}
			if a.Receipt != "" {
				c.violate(WrongAnswer, e.Seq, a.Receipt, "503 without a receipt", "503 with one")
			}
		case door.Doubtful && (a.Status == http.StatusBadRequest || a.Status == http.StatusOK):
			if a.Receipt == "" {
				c.violate(WrongAnswer, e.Seq, "", "a receipt", fmt.Sprintf("%d without one", a.Status))
			}
		case a.Status != door.Status:
			c.violate(WrongAnswer, e.Seq, a.Receipt, fmt.Sprintf("status %d, or 503", door.Status), fmt.Sprintf("status %d: %.200s", a.Status, a.Body))
		case !door.Recorded && a.Receipt != "":
			c.violate(WrongAnswer, e.Seq, a.Receipt, "no receipt, for it is not recorded", "a receipt")
		case a.Status == http.StatusOK && a.Receipt == "":
			c.violate(WrongAnswer, e.Seq, "", "a receipt", "200 without one")
		case a.Status == http.StatusFound && transactionIDOf(a) == "":
			c.violate(WrongAnswer, e.Seq, a.Receipt, "a destination with a transaction_id", or(a.Location, "none"))
		}
	}
}

// DestinationParam is the parameter for the transaction_id in every destination of a
// drill.
const DestinationParam = "c"

// transactionIDOf returns the transaction_id that a click was given.
func transactionIDOf(a ledger.Answer) string {
	target, err := url.Parse(a.Location)
	if err != nil {
		return ""
	}
	return target.Query().Get(DestinationParam)
}

// match finds the request of every row, and the row of every receipt.
func (c *checker) match(entries []ledger.Entry) {
	known := make(map[int64]*ledger.Entry, len(entries))
	receipts := make(map[string]int64, len(entries))
	for i := range entries {
		e := &entries[i]
		known[e.Seq] = e
		if e.Answer.Receipt == "" {
			continue
		}
		id := digits(e.Answer.Receipt)
		if first, again := receipts[id]; again {
			c.violate(WrongAnswer, e.Seq, e.Answer.Receipt, "a receipt of its own", fmt.Sprintf("that of request %d", first))
		}
		receipts[id] = e.Seq
	}
	for i := range c.rows.hits {
		row := &c.rows.hits[i]
		e, ok := known[row.seq]
		switch {
		case !ok:
			c.violate(MadeUp, row.seq, row.id, "rows of requests in the ledger only", "a "+row.kind+" of none")
			continue
		case c.bySeq[row.seq] != nil:
			c.violate(Doubled, row.seq, row.id, "one row", "another one, "+c.bySeq[row.seq].id)
			continue
		case e.Answer.Fate == ledger.NotSent:
			c.violate(MadeUp, row.seq, row.id, "no row of a request that never left", "a row")
		case !c.world.At(e.Request).Recorded:
			c.violate(MadeUp, row.seq, row.id, "no row of a request that the door does not record", "a row")
		case e.Answer.Receipt != "" && digits(e.Answer.Receipt) != row.id:
			c.violate(MadeUp, row.seq, e.Answer.Receipt, "a row with the receipt as its id", row.id)
		}
		c.bySeq[row.seq], c.byID[row.id] = row, row
	}
	for _, e := range entries {
		row := c.bySeq[e.Seq]
		if e.Answer.Receipt != "" && row == nil {
			c.violate(Lost, e.Seq, e.Answer.Receipt, "an outcome", "no row")
		}
		if e.Answer.Receipt == "" && e.Answer.Fate != ledger.NotSent && c.world.At(e.Request).Recorded {
			c.report.Maybe++
			if row != nil {
				c.report.MaybeRecorded++
			}
		}
	}
}

// facts returns for the model which requests are recorded, and what only the database
// knows about them.
func (c *checker) facts(entries []ledger.Entry) map[int64]model.Fact {
	facts := make(map[int64]model.Fact, len(entries))
	for _, e := range entries {
		row := c.bySeq[e.Seq]
		if row == nil && e.Answer.Receipt == "" {
			continue
		}
		fact := model.Fact{TransactionID: transactionIDOf(e.Answer), ReceivedAt: e.SentAt}
		if row != nil {
			fact.ReceivedAt, fact.DecidedAt, fact.Decisions = row.receivedAt, row.decidedAt, row.decisions
			if fact.TransactionID == "" && row.kind == "click" {
				fact.TransactionID = row.transactionID
			}
		}
		facts[e.Seq] = fact
	}
	return facts
}
