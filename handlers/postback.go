package handlers

import (
	"context"
	"fmt"

	"integr8/handlers/attribution"
	"integr8/pipeline/batch"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/worker"
)

// Postbacks decides postbacks, pixels and clickless hits.
type Postbacks struct {
	options Options
	group   *batch.Group[*postback]
}

// postback is a hit that is being decided.
type postback struct {
	hit     *hit.Hit
	request []byte
	// replayed is that of the record.
	replayed bool
	token    *attribution.Token
	// known is the result of the hit's own look-up; nil before.
	known *lookedUp
	// again is set for a waiting hit: it is decided only if it still waits.
	again bool
	// waitIsOver is set when its wait for the click has ended.
	waitIsOver bool
	// missing is set by a commit that does not decide the hit, because its parties must
	// be looked up first.
	missing *lookUp
	record  *attribution.Record
}

func (b *postback) size() int { return len(b.request) }

func (b *postback) account() int64 {
	if b.token == nil {
		return 0
	}
	return b.token.AccountID
}

// lookedUp is a look-up with its result.
type lookedUp struct {
	lookUp
	parties
}

// NewPostbacks returns the handler of postbacks.
func NewPostbacks(options Options) *Postbacks {
	p := &Postbacks{options: options.withDefaults()}
	p.group = groupOf(p.options, hit.TopicPostbacks, p.commit)
	return p
}

// Handle decides one hit and returns once the decision is committed.
func (p *Postbacks) Handle(ctx context.Context, h *hit.Hit, request []byte) error {
	return p.decideOne(ctx, &postback{hit: h, request: request, replayed: worker.IsReplay(ctx)})
}

// maxRounds bounds the look-ups of one hit: before it joins a batch, and again when
// its click, which only the batch finds, has parties that the snapshot lacks, or is so
// new that the snapshot may lack rules of identity for it. A click keeps its parties and
// its rules, so that a third round is never needed.
const maxRounds = 3

// decideOne does the look-ups of one hit and decides it in a batch. Steps that can fail
// for one hit alone are done here, so that they never fail a batch.
func (p *Postbacks) decideOne(ctx context.Context, b *postback) (err error) {
	p.recheck(b.hit)
	if b.token, err = p.options.Directory.Token(ctx, b.hit.TokenDigest); err != nil {
		return err
	}
	b.missing = p.lookUpOf(b)
	for range maxRounds {
		if b.missing != nil {
			found, err := p.options.Directory.Parties(ctx, *b.missing)
			if err != nil {
				return err
			}
			// The click was recorded before this query by the database's clock, so the offer
			// knows its rules; unless a failover led to a server whose clock is far behind.
			if offer := found.offer; offer != nil && b.hit.Kind != hit.Clickless && !offer.KnowsIdentityAt(b.missing.rulesAt) {
				return failure.Unavailable(fmt.Errorf(
					"decide hit %s: the database's clock is behind the time of its click, so that the rules of offer %d are not certain yet",
					b.hit.ID, offer.ID))
			}
			b.known = &lookedUp{*b.missing, found}
		}
		if err := p.group.Do(ctx, b); err != nil {
			return err
		}
		if b.missing == nil {
			return nil
		}
	}
	return fmt.Errorf("hit %s has another offer in each of %d rounds of look-ups", b.hit.ID, maxRounds)
}

// lookUpOf returns the look-up that the hit needs before it joins a batch; nil when its
// parties are in memory, or depend on its click.
func (p *Postbacks) lookUpOf(b *postback) *lookUp {
	if b.hit.Kind != hit.Clickless || b.token == nil {
		return nil
	}
	c := p.caseOf(b)
	return p.fill(&c, b)
}
