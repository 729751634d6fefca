package handlers

import (
	"bytes"
	"context"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/batch"
	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/pipeline/worker"
)

// Clicks records clicks, and decides the postbacks that waited for them.
type Clicks struct {
	options   Options
	postbacks *Postbacks
	group     *batch.Group[*click]
}

type click struct {
	hit       *hit.Hit
	request   []byte
	replayed  bool
	publisher *attribution.Publisher
	// waiting are the postbacks that the commit found waiting for the click; more
	// is set when there may be others.
	waiting []attribution.Wait
	more    bool
}

func (c *click) size() int { return len(c.request) }

func (c *click) account() int64 { return c.hit.AccountID }

// NewClicks returns the handler of clicks. postbacks decides the postbacks that waited
// for a click.
func NewClicks(options Options, postbacks *Postbacks) *Clicks {
	c := &Clicks{options: options.withDefaults(), postbacks: postbacks}
	c.group = groupOf(c.options, hit.TopicClicks, c.commit)
	return c
}

// Handle records one click and returns once it is committed and the postbacks
// that waited for it are decided. The steps that can fail for this click alone are not
// part of its batch: the look-up of its publisher, and the decisions on the postbacks
// that waited for it.
func (c *Clicks) Handle(ctx context.Context, h *hit.Hit, request []byte) error {
	b := &click{hit: h, request: request, replayed: worker.IsReplay(ctx)}
	if h.Refusal == "" {
		found, err := c.options.Directory.Parties(ctx, lookUp{account: h.AccountID, publisher: h.PublisherID})
		if err != nil {
			return err
		}
		b.publisher = found.publisher
	}
	if err := c.group.Do(ctx, b); err != nil {
		return err
	}
	return c.decideWaiting(ctx, b)
}

// decideWaiting decides the postbacks that waited for the click, page by page.
func (c *Clicks) decideWaiting(ctx context.Context, b *click) error {
	for after := uuid.Nil; ; {
		if len(b.waiting) > 0 {
			if err := c.postbacks.Reconsider(ctx, b.waiting, false); err != nil {
				return err
			}
		}
		if !b.more {
			return nil
		}
		waiting, end, err := c.options.Records.WaitingFor(ctx, []token.TransactionID{b.hit.TransactionID}, after)
		if err != nil {
			return err
		}
		b.waiting, b.more = waiting[b.hit.TransactionID], end != nil
		if b.more {
			after = end.HitID
		}
	}
}

func (c *Clicks) commit(batch []*click) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.options.CommitTimeout)
	defer cancel()
	records := make([]*attribution.Record, len(batch))
	for i, b := range batch {
		h := b.hit
		decision := attribution.DecideClick(h.AccountID, h.OfferID, h.Refusal, b.publisher, h.PublisherID)
		decision.Test = attribution.IsTest(h.TestAccount, h.AccountID)
		records[i] = &attribution.Record{
			Hit:         h,
			Request:     b.request,
			Decision:    decision,
			LeakedToken: c.leakedToken(b),
			Bot:         bot.Is(h.UserAgent),
			Replayed:    b.replayed,
		}
	}
	if err := c.options.Records.Write(ctx, records); err != nil {
		return err
	}
	var recorded []token.TransactionID
	for _, r := range records {
		c.options.Observe(r)
		if r.Decision.Outcome == outcome.Recorded {
			recorded = append(recorded, r.Hit.TransactionID)
		}
	}
	if len(recorded) == 0 {
		return nil
	}
	waiting, end, err := c.options.Records.WaitingFor(ctx, recorded, uuid.Nil)
	if err != nil || len(waiting) == 0 && end == nil {
		return err
	}
	for i, r := range records {
		if r.Decision.Outcome == outcome.Recorded {
			batch[i].waiting = waiting[r.Hit.TransactionID]
			batch[i].more = end != nil && bytes.Compare(r.Hit.TransactionID[:], end.TransactionID[:]) >= 0
		}
	}
	return nil
}

// leakedToken returns the id of the token in the click's tracking link; 0 when there is
// no such token, or when the publisher does not exist. Anybody can invent links, so
// alarms for invented ones would hide the real ones. It reads the snapshot only, which
// has a new token within moments; with a look-up for each invented text a stranger could
// cause any number of queries.
func (c *Clicks) leakedToken(b *click) int64 {
	if !b.hit.TokenLeaked || b.publisher == nil {
		return 0
	}
	token, known := c.options.Directory.TokenInMemory(b.hit.TokenDigest)
	if !known {
		return 0
	}
	return token.ID
}
