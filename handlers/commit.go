package handlers

import (
	"context"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// commit decides a batch in one transaction.
//
// A click may be committed after the search for it, and before the commit of the hit
// that starts to wait for it. So commit searches for clicks again after its own commit:
// the later one of the two commits sees the other.
//
// A hit whose parties are not in memory is not decided; commit sets its field missing.
func (p *Postbacks) commit(batch []*postback) error {
	ctx, cancel := context.WithTimeout(context.Background(), p.options.CommitTimeout)
	defer cancel()
	if err := p.decide(ctx, batch); err != nil {
		return err
	}
	var waiting []*postback
	for _, b := range batch {
		if b.missing == nil && b.record.Decision.Outcome == outcome.Waiting {
			waiting = append(waiting, b)
		}
	}
	if len(waiting) > 0 {
		if err := p.matchLateArrivals(ctx, waiting); err != nil {
			return err
		}
	}
	for _, b := range batch {
		if b.missing == nil {
			p.options.Observe(b.record)
		}
	}
	return nil
}

func (p *Postbacks) matchLateArrivals(ctx context.Context, waiting []*postback) error {
	clicks, err := p.options.Records.Clicks(ctx, transactionIDs(waiting))
	if err != nil {
		return err
	}
	var arrived []*postback
	var before []*attribution.Record
	for _, w := range waiting {
		if _, ok := clicks[w.hit.TransactionID]; ok {
			w.again = true
			arrived, before = append(arrived, w), append(before, w.record)
		}
	}
	if len(arrived) == 0 {
		return nil
	}
	if err := p.decide(ctx, arrived); err != nil {
		return err
	}
	for i, a := range arrived {
		// The commit before, which is not observed, was the first of a new hit.
		a.record.FirstCommitted = before[i].FirstCommitted
	}
	return nil
}

func (p *Postbacks) decide(ctx context.Context, batch []*postback) error {
	clicks, err := p.options.Records.Clicks(ctx, transactionIDs(batch))
	if err != nil {
		return err
	}
	records := make([]*attribution.Record, 0, len(batch))
	for _, b := range batch {
		c := p.caseOf(b)
		if click, ok := clicks[b.hit.TransactionID]; ok {
			c.Click = &click
		} else {
			c.ClickDropped = p.options.Directory.ClickDropped(b.hit.TransactionID)
		}
		if b.missing = p.fill(&c, b); b.missing != nil {
			continue
		}
		b.record = &attribution.Record{
			Hit:           b.hit,
			Request:       b.request,
			Decision:      attribution.Decide(c),
			WaitsUntil:    b.hit.ReceivedAt.Add(p.options.LateClicks),
			WaitsAtLeast:  p.options.LateGrace,
			OnlyIfWaiting: b.again,
			Details:       detailsOf(b.hit, c.Click),
			Replayed:      b.replayed,
		}
		b.record.Request = noted(b, b.record.Decision.Note)
		records = append(records, b.record)
	}
	if len(records) == 0 {
		return nil
	}
	return p.options.Records.Write(ctx, records)
}

// fill sets the parties of a case, from memory or from an earlier look-up for this
// hit. It returns the look-up that is needed when neither has them.
func (p *Postbacks) fill(c *attribution.Case, b *postback) *lookUp {
	offer, publisher := c.LookUp()
	if offer == 0 {
		return nil
	}
	wanted := lookUp{account: c.Token.AccountID, offer: offer, publisher: publisher}
	if c.Click != nil {
		wanted.rulesAt = c.IdentityTime()
	}
	found, ok := p.options.Directory.PartiesInMemory(wanted)
	if !ok && b.known != nil && b.known.lookUp == wanted {
		found, ok = b.known.parties, true
	}
	if !ok {
		missing := wanted // a copy, so that only this path allocates
		return &missing
	}
	c.Offer, c.Publisher = found.offer, found.publisher
	return nil
}

func transactionIDs(batch []*postback) []token.TransactionID {
	ids := make([]token.TransactionID, 0, len(batch))
	for _, b := range batch {
		if !b.hit.TransactionID.IsZero() {
			ids = append(ids, b.hit.TransactionID)
		}
	}
	return ids
}
