package handlers

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/batch"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// Records is what the handlers need of the store.
type Records interface {
	Clicks(ctx context.Context, ids []hit.TransactionID) (map[hit.TransactionID]attribution.Click, error)
	WaitingFor(ctx context.Context, ids []hit.TransactionID, after uuid.UUID) (map[hit.TransactionID][]store.Wait, *store.Wait, error)
	StopWaiting(ctx context.Context, wait store.Wait) error
	BuryUndecodable(ctx context.Context, wait store.Wait, reason string) error
	Write(ctx context.Context, records []*store.Record) error
}

// Queue takes a hit to be handled from the start. Put returns when the hit is
// durable there.
type Queue interface {
	Put(ctx context.Context, h *hit.Hit) error
}

// Observe is told of every decision that has been committed.
type Observe func(h *hit.Hit, decision attribution.Decision)

// Options make the handlers.
type Options struct {
	Directory *Directory
	Records   Records
	Queue     Queue
	// Keys verify the transaction_ids that a door refused. Without them every
	// such refusal stands.
	Keys hit.Keys
	// LateClicks is how long a postback waits for its click, from when it was
	// received. Default 24 h.
	LateClicks time.Duration
	// LateGrace is how long it waits at least, from when it is first looked at
	// or replayed. Default DefaultLateGrace.
	LateGrace time.Duration
	// CommitTimeout bounds one batch's way through the database. Default 20 s.
	CommitTimeout time.Duration
	// Observe may be nil.
	Observe Observe
	// ObserveCommit is told of every batch that has been committed: the queue of
	// its hits, how many they were, and how long it took to look up, decide and
	// write them. It may be nil.
	ObserveCommit func(topic string, hits int, took time.Duration)
}

// DefaultLateGrace is how long a worker may take with a hit that it was given.
// Two minutes hold an attempt (30 s), the first three retries (36 s), the
// half-minute after which the broker takes back what a worker that died was
// given, and the 5 s that a worker may rest after an outage.
const DefaultLateGrace = 2 * time.Minute

// commitsAtOnce is how many transactions of one kind a process has under way:
// one is being flushed to disk while the next is being put together.
const commitsAtOnce = 2

// commitPace is the least time between transactions that are not full: what is
// the same for each of them costs Postgres more than what they write.
const commitPace = 5 * time.Millisecond

// largestCommit and largestCommitBytes bound the hits of one transaction. Usual
// hits have half a kilobyte: only ones that somebody has blown up meet the second.
const (
	largestCommit      = 512
	largestCommitBytes = 2 << 20
)

func (o Options) withDefaults() Options {
	if o.LateClicks == 0 {
		o.LateClicks = 24 * time.Hour
	}
	if o.CommitTimeout == 0 {
		o.CommitTimeout = 20 * time.Second
	}
	if o.Observe == nil {
		o.Observe = func(*hit.Hit, attribution.Decision) {}
	}
	if o.ObserveCommit == nil {
		o.ObserveCommit = func(string, int, time.Duration) {}
	}
	if o.LateGrace <= 0 {
		o.LateGrace = DefaultLateGrace
	}
	return o
}

// groupOf merges the hits of a topic that handlers submit at the same time into
// one transaction, which commit carries out.
func groupOf[T any](o Options, topic string, size func(T) int, commit func([]T) error) *batch.Group[T] {
	observed := func(batch []T) error {
		began := time.Now()
		err := commit(batch)
		if err == nil {
			o.ObserveCommit(topic, len(batch), time.Since(began))
		}
		return err
	}
	return batch.New(batch.Options[T]{
		MaxItems:    largestCommit,
		MaxBytes:    largestCommitBytes,
		Size:        size,
		Outstanding: commitsAtOnce,
		Pace:        commitPace,
		Isolate: func(err error) bool {
			class := failure.Of(err)
			return class == failure.Transient || class == failure.Permanent
		},
	}, observed)
}

// Postbacks decides postbacks, pixels and clickless hits.
type Postbacks struct {
	options Options
	group   *batch.Group[*postback]
}

// postback is a hit on its way to a decision.
type postback struct {
	hit     *hit.Hit
	request []byte
	token   *attribution.Token
	// known is what was looked up for the hit on its own; nil before.
	known *lookedUp
	// again is set for a hit that waits: it is decided only if it still does.
	again bool
	// waitIsOver is set when it has waited for its click long enough.
	waitIsOver bool
	// missing is set by a commit that leaves the hit undecided, because it is
	// about parties that must be looked up first.
	missing *lookUp
	record  *store.Record
}

// lookedUp is what a look-up found.
type lookedUp struct {
	lookUp
	parties
}

// NewPostbacks makes the handler.
func NewPostbacks(options Options) *Postbacks {
	p := &Postbacks{options: options.withDefaults()}
	p.group = groupOf(p.options, hit.TopicPostbacks, func(b *postback) int { return len(b.request) }, p.commit)
	return p
}

// Handle decides one hit and returns once the decision is committed.
func (p *Postbacks) Handle(ctx context.Context, h *hit.Hit, request []byte) error {
	return p.decideOne(ctx, &postback{hit: h, request: request})
}

// roundsOfLookUp bounds how often a hit is looked up on its own: before it joins
// a batch, and once more when its click, which only the batch finds, names
// parties that the snapshot lacks, or is so new that the snapshot may lack rules
// of identity for it. A click keeps its parties and its rules, so that a third
// round is never needed.
const roundsOfLookUp = 3

// decideOne looks up what only this hit needs and has it decided in a batch.
// What can fail for one hit alone is done here, so that it never fails a batch.
func (p *Postbacks) decideOne(ctx context.Context, b *postback) (err error) {
	p.recheck(b.hit)
	if b.token, err = p.options.Directory.Token(ctx, b.hit.TokenDigest); err != nil {
		return err
	}
	b.missing = p.lookUpOf(b)
	for range roundsOfLookUp {
		if b.missing != nil {
			found, err := p.options.Directory.Parties(ctx, *b.missing)
			if err != nil {
				return err
			}
			// A click is in the database's past, and its offer was read after it.
			// Unless another server with a clock far behind has taken over.
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
	return fmt.Errorf("hit %s is about another offer each time it is looked at", b.hit.ID)
}

// lookUpOf names what must be looked up before the hit joins a batch; nil when
// memory has it, or the hit's click will tell.
func (p *Postbacks) lookUpOf(b *postback) *lookUp {
	if b.hit.Kind != hit.Clickless || b.token == nil {
		return nil
	}
	c := p.caseOf(b)
	return p.fill(&c, b)
}

// commit decides a batch in one transaction.
//
// A click may be committed between the look for it and the commit of the hit
// that begins to wait for it. So clicks are looked for once more afterwards:
// whichever of the two commits comes second sees the other.
//
// A hit whose parties are not in memory is left undecided: see missing.
func (p *Postbacks) commit(batch []*postback) error {
	ctx, cancel := context.WithTimeout(context.Background(), p.options.CommitTimeout)
	defer cancel()
	if err := p.decide(ctx, batch); err != nil {
		return err
	}
	var waiting []*postback
	for _, b := range batch {
		if b.missing == nil && b.record.Decision.Outcome == attribution.Waiting {
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
			p.options.Observe(b.hit, b.record.Decision)
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
	for _, w := range waiting {
		if _, ok := clicks[w.hit.TransactionID]; ok {
			w.again = true
			arrived = append(arrived, w)
		}
	}
	if len(arrived) == 0 {
		return nil
	}
	return p.decide(ctx, arrived)
}

func (p *Postbacks) decide(ctx context.Context, batch []*postback) error {
	clicks, err := p.options.Records.Clicks(ctx, transactionIDs(batch))
	if err != nil {
		return err
	}
	records := make([]*store.Record, 0, len(batch))
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
		b.record = &store.Record{
			Hit:           b.hit,
			Request:       b.request,
			Decision:      attribution.Decide(c),
			WaitsUntil:    b.hit.ReceivedAt.Add(p.options.LateClicks),
			WaitsAtLeast:  p.options.LateGrace,
			OnlyIfWaiting: b.again,
			Details:       detailsOf(b.hit),
		}
		b.record.Request = noted(b, b.record.Decision.Note)
		records = append(records, b.record)
	}
	if len(records) == 0 {
		return nil
	}
	return p.options.Records.Write(ctx, records)
}

// fill gives a case its parties, from memory or from what was looked up for the
// hit before. It returns what must be looked up when neither has them.
func (p *Postbacks) fill(c *attribution.Case, b *postback) *lookUp {
	offer, publisher := c.LookUp()
	if offer == 0 {
		return nil
	}
	wanted := lookUp{account: c.Token.AccountID, offer: offer, publisher: publisher}
	if c.Click != nil {
		wanted.rulesAt = c.IdentityTime()
	}
	found, ok := p.options.Directory.Held(wanted)
	if !ok && b.known != nil && b.known.lookUp == wanted {
		found, ok = b.known.parties, true
	}
	if !ok {
		missing := wanted // so that only what is missing is allocated
		return &missing
	}
	c.Offer, c.Publisher = found.offer, found.publisher
	return nil
}

func transactionIDs(batch []*postback) []hit.TransactionID {
	ids := make([]hit.TransactionID, 0, len(batch))
	for _, b := range batch {
		if !b.hit.TransactionID.IsZero() {
			ids = append(ids, b.hit.TransactionID)
		}
	}
	return ids
}
