package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// contested is a hit that several writers decide at once, each in its own way.
type contested struct {
	hit     *hit.Hit
	request []byte
	key     uuid.UUID
	order   string
}

func (b *books) contested(at time.Time, key uuid.UUID, click bool) contested {
	b.t.Helper()
	h := &hit.Hit{ID: b.idAt(at), Kind: hit.Postback, ReceivedAt: at, TransactionID: token.TransactionID(b.idAt(at))}
	if click {
		h.Kind, h.TokenLeaked = hit.Click, true
	}
	request, err := h.Encode()
	require.NoError(b.t, err)
	return contested{h, request, key, fmt.Sprint("A-", rand.IntN(12))}
}

// decide makes a decision that some worker could make about the hit: a worker that
// knows its account or does not, that has its click or not, or that archives the hit.
func (c contested) decide(random *rand.Rand) *attribution.Record {
	r := &attribution.Record{Hit: c.hit, Request: c.request, WaitsUntil: noon.Add(time.Hour), Decision: attribution.Decision{
		Route: attribution.Global, AccountID: 1, TokenID: 1, OfferID: 1 + random.Int64N(2), PublisherID: 1 + random.Int64N(3)}}
	r.Details.OrderID = c.order
	d := &r.Decision
	switch n := random.IntN(7); {
	case n == 0:
		d.Outcome, d.Reason = outcome.Failed, outcome.HandlerFailed
	case n == 1 && c.hit.Kind != hit.Click:
		*d = attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.UnknownToken}
	case n <= 2:
		d.Outcome, d.Reason = outcome.Rejected, outcome.OfferPaused
	case c.hit.Kind == hit.Click:
		d.Outcome = outcome.Recorded
	case n == 3:
		d.Outcome, d.Reason = outcome.Unmatched, outcome.ClickNeverCame
	case n == 4:
		d.Outcome, d.Reason = outcome.Waiting, outcome.ClickNotYet
	default:
		d.Outcome, d.Conversion = outcome.Converted, &attribution.Conversion{DedupKey: c.key,
			Event: attribution.BaseEvent, Status: attribution.Approved, Method: hit.Postback,
			Revenue: decimal.NewFromInt(4), Payout: decimal.NewFromInt(2), Currency: "USD"}
	}
	return r
}

// TestWritesInAnyOrderNeverDeadlock lets many writers decide overlapping batches of the
// same hits concurrently and repeatedly, while operators mark dead letters. No write
// may fail, and each hit must end in one consistent state.
func TestWritesInAnyOrderNeverDeadlock(t *testing.T) {
	t.Parallel()
	const (
		writers = 12
		rounds  = 1500
		window  = 6 // hits that are being decided at a time
		pace    = 1 // rounds after which a new one replaces the oldest
	)
	b := openBooks(t)
	b.party(1)
	b.offer(1, 2)
	for _, offer := range []int64{1, 2} {
		require.NoError(t, b.SetUniqueOrders(t.Context(), 1, offer, true, nil))
	}
	keys := make([]uuid.UUID, 16)
	for i := range keys {
		keys[i] = uuid.New()
	}
	var pool []contested
	for i := range rounds/pace + window {
		pool = append(pool, b.contested(noon.Add(time.Duration(i%7)*24*time.Hour), keys[rand.IntN(len(keys))], i%4 == 0))
	}

	var running, operating sync.WaitGroup
	stop := make(chan struct{})
	for i := range 2 {
		operating.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 99))
			acts := []dead.EventKind{dead.WasReplayed, dead.WasDiscarded, dead.WasUndone}
			for {
				select {
				case <-stop:
					return
				default:
				}
				act, chosen := acts[random.IntN(len(acts))], dead.StateOpen
				if act == dead.WasUndone {
					chosen = dead.StateDiscarded
				}
				letters, err := b.DeadLetters(t.Context(), dead.Filter{State: chosen}, dead.NewestFirst, nil, 20)
				if err == nil {
					_, err = b.SettleDeadLetters(t.Context(), letters, dead.Act{Event: act})
				}
				if !noFailure(t, "an operator", err) {
					return
				}
			}
		})
	}
	operating.Go(func() { // housekeeping
		for {
			select {
			case <-stop:
				return
			default:
			}
			if !noFailure(t, "housekeeping", b.DropEndedWaits(t.Context(), 0)) || !noFailure(t, "housekeeping", b.MergeRollups(t.Context())) {
				return
			}
		}
	})
	for i := range writers {
		running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 1))
			for round := range rounds {
				base := round / pace
				var batch []*attribution.Record
				for range 1 + random.IntN(5) {
					batch = append(batch, pool[base+random.IntN(window)].decide(random))
				}
				if !noFailure(t, fmt.Sprintf("writer %d", i), b.Write(t.Context(), batch)) {
					return
				}
			}
		})
	}
	running.Wait()
	close(stop)
	operating.Wait()
	b.requireConsistent()
	b.requireStatusesThatFollow()
	b.requireRollupsEqualRows()
	b.merge()
	b.requireRollupsEqualRows()
	require.NotZero(t, b.count("hits WHERE reason = 'duplicate_order'"))
}

func TestHousekeepingSkipsRowsThatAWorkerHasLocked(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	var waits []attribution.Wait
	for range 3 {
		wait := attribution.Wait{TransactionID: b.idAt(noon), HitID: b.idAt(noon), Until: noon}
		b.exec("INSERT INTO ended_waits (transaction_id, hit_id, ended_at) VALUES ($1, $2, $3)", wait.TransactionID, wait.HitID, noon)
		b.exec("INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until) VALUES ($1, 1, $2, $3)",
			wait.TransactionID, wait.HitID, wait.Until)
		waits = append(waits, wait)
	}
	worker, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = worker.Rollback() }) // has ended unless the test failed before
	for _, table := range []string{"ended_waits", "waiting_postbacks"} {
		_, err := worker.Exec("SELECT FROM "+table+" WHERE hit_id = $1 FOR UPDATE", waits[1].HitID)
		require.NoError(t, err)
	}

	require.NoError(t, b.DropEndedWaits(t.Context(), time.Minute))
	dropped, err := b.DropStaleWaits(t.Context(), waits)
	require.NoError(t, err)
	require.ElementsMatch(t, []uuid.UUID{waits[0].HitID, waits[2].HitID}, dropped)
	require.NoError(t, worker.Rollback())
	for _, table := range []string{"ended_waits", "waiting_postbacks"} {
		require.Equal(t, 1, b.count(table))
		require.Equal(t, 1, b.count(table+" WHERE hit_id = $1", waits[1].HitID))
	}
}

// noFailure reports an error of a goroutine, with the server's details.
func noFailure(t *testing.T, who string, err error) bool {
	var refused *pq.Error
	if errors.As(err, &refused) {
		t.Errorf("%s: %v: %s", who, err, refused.Detail)
	} else if err != nil {
		t.Errorf("%s: %v", who, err)
	}
	return err == nil
}

// requireStatusesThatFollow compares the status of each dead letter with that which
// follows from its events.
func (b *books) requireStatusesThatFollow() {
	b.t.Helper()
	letters, err := b.DeadLetters(b.t.Context(), dead.Filter{}, dead.OldestFirst, nil, 1_000_000)
	require.NoError(b.t, err)
	events, err := b.DeadEvents(b.t.Context(), receipts(letters)...)
	require.NoError(b.t, err)
	for _, letter := range letters {
		if follows := dead.StatusAfter(events[letter.ID]); follows != letter.Status {
			b.t.Errorf("a dead letter is %s, and its events lead to %s: %+v", letter.Status, follows, events[letter.ID])
		}
	}
}

// requireConsistent searches for states that no order of decisions may leave.
func (b *books) requireConsistent() {
	b.t.Helper()
	for what, from := range map[string]string{
		"a hit with two rows":                          `(SELECT id FROM hits GROUP BY id HAVING count(*) > 1) AS h`,
		"a hit with two dead letters":                  `(SELECT id FROM dead_letters GROUP BY id HAVING count(*) > 1) AS d`,
		"a hit that waits and has another outcome":     `waiting_postbacks w JOIN hits h ON h.id = w.hit_id WHERE h.outcome <> 'waiting'`,
		"a waiting hit without its place":              `hits h WHERE outcome = 'waiting' AND NOT EXISTS (SELECT FROM waiting_postbacks w WHERE w.hit_id = h.id)`,
		"an ended wait of a hit that is not unmatched": `ended_waits w JOIN hits h ON h.id = w.hit_id WHERE h.outcome <> 'unmatched'`,
		"a final hit whose dead letter is not closed":  `dead_letters d JOIN hits h USING (id) WHERE h.outcome IN ('recorded', 'converted', 'duplicate') AND d.status IN ('open', 'replayed')`,
		"a dead hit without a dead letter":             `hits h WHERE outcome IN ('rejected', 'unmatched', 'failed') AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.id = h.id)`,
		"a dead hit whose dead letter is resolved":     `dead_letters d JOIN hits h USING (id) WHERE h.outcome IN ('rejected', 'unmatched', 'failed') AND d.status = 'resolved'`,
		"a dead letter under another account":          `dead_letters d JOIN hits h USING (id) WHERE d.account_id <> h.account_id`,
		"a converted hit without its conversion":       `hits h WHERE outcome = 'converted' AND NOT EXISTS (SELECT FROM conversions c WHERE c.id = h.id)`,
		"a conversion whose hit is not converted":      `conversions c WHERE NOT EXISTS (SELECT FROM hits h WHERE h.id = c.id AND outcome = 'converted')`,
		"a recorded hit without its click":             `hits h WHERE outcome = 'recorded' AND NOT EXISTS (SELECT FROM clicks c WHERE c.hit_id = h.id)`,
		"an order of a conversion that does not exist": `unique_orders o WHERE NOT EXISTS (SELECT FROM conversions c WHERE c.id = o.conversion_id)`,
		"a conversion whose order is not taken": `conversions c WHERE EXISTS (SELECT FROM unique_order_offers u WHERE u.offer_id = c.offer_id)
			AND order_id IS NOT NULL AND NOT EXISTS (SELECT FROM unique_orders o WHERE o.conversion_id = c.id)`,
		"an order with two conversions":        `(SELECT offer_id, order_id FROM conversions WHERE order_id IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1) AS c`,
		"a duplicate of what is no conversion": `hits h WHERE outcome = 'duplicate' AND NOT EXISTS (SELECT FROM conversions c WHERE c.id = h.duplicate_of)`,
		"a key with two conversions":           `(SELECT dedup_key FROM conversions GROUP BY 1 HAVING count(*) > 1) AS c`,
	} {
		if n := b.count(from); n != 0 {
			b.t.Errorf("%s: %d", what, n)
		}
	}
}
