package handlers

import (
	"bytes"
	"context"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/batch"
	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// Clicks records clicks, and has the postbacks that came before them decided
// at once.
type Clicks struct {
	options   Options
	postbacks *Postbacks
	group     *batch.Group[*click]
}

type click struct {
	hit       *hit.Hit
	request   []byte
	publisher *attribution.Publisher
	// waiting are the postbacks that the commit found to wait for the click; more
	// is set when there may be others.
	waiting []store.Wait
	more    bool
}

// NewClicks makes the handler. Postbacks that waited for a click go to
// postbacks.
func NewClicks(options Options, postbacks *Postbacks) *Clicks {
	c := &Clicks{options: options.withDefaults(), postbacks: postbacks}
	c.group = groupOf(c.options, hit.TopicClicks, func(b *click) int { return len(b.request) }, c.commit)
	return c
}

// Handle records one click and returns once it is committed and the postbacks
// that waited for it are decided. What can fail for this click alone, the
// look-up of its publisher and the postbacks that it wakes, is no part of the
// batch that it is committed in.
func (c *Clicks) Handle(ctx context.Context, h *hit.Hit, request []byte) error {
	b := &click{hit: h, request: request}
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
	return c.wake(ctx, b)
}

// wake has the postbacks decided that waited for the click, page by page.
func (c *Clicks) wake(ctx context.Context, b *click) error {
	for after := uuid.Nil; ; {
		if len(b.waiting) > 0 {
			if err := c.postbacks.Reconsider(ctx, b.waiting, false); err != nil {
				return err
			}
		}
		if !b.more {
			return nil
		}
		waiting, end, err := c.options.Records.WaitingFor(ctx, []hit.TransactionID{b.hit.TransactionID}, after)
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
	records := make([]*store.Record, len(batch))
	for i, b := range batch {
		h := b.hit
		records[i] = &store.Record{
			Hit:     h,
			Request: b.request,
			Decision: attribution.DecideClick(h.AccountID, h.OfferID, attribution.Reason(h.Refusal),
				b.publisher, h.PublisherID),
			LeakedToken: c.leakedToken(b),
			Bot:         bot.Is(h.UserAgent),
		}
	}
	if err := c.options.Records.Write(ctx, records); err != nil {
		return err
	}
	var recorded []hit.TransactionID
	for _, r := range records {
		c.options.Observe(r.Hit, r.Decision)
		if r.Decision.Outcome == attribution.Recorded {
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
		if r.Decision.Outcome == attribution.Recorded {
			batch[i].waiting = waiting[r.Hit.TransactionID]
			batch[i].more = end != nil && bytes.Compare(r.Hit.TransactionID[:], end.TransactionID[:]) >= 0
		}
	}
	return nil
}

// leakedToken returns the token that the click's tracking link carried; 0 when it
// carried none that exists, or its publisher does not exist. Anybody can make up
// links, so that an alarm for each would hide the true ones. Memory decides: the
// snapshot has a token within moments of its creation, and a look-up for each text
// that a stranger makes up would be his to have.
func (c *Clicks) leakedToken(b *click) int64 {
	if !b.hit.TokenLeaked || b.publisher == nil {
		return 0
	}
	token, known := c.options.Directory.HeldToken(b.hit.TokenDigest)
	if !known {
		return 0
	}
	return token.ID
}
