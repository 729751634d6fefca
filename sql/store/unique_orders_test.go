package store_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/outcome"
	"integr8/sql/store"

	sqlfiles "integr8/sql"
)

// uniqueOrders makes offer 1 of account 1, which pays an order_id once.
func (b *books) uniqueOrders() {
	b.t.Helper()
	b.party(1)
	b.setUniqueOrders(true)
}

func (b *books) setUniqueOrders(on bool) {
	b.t.Helper()
	require.NoError(b.t, b.SetUniqueOrders(b.t.Context(), 1, 1, on, nil))
}

// orderRecord is a conversion of an order for offer 1, by a click of its own.
func (b *books) orderRecord(at time.Time, order string) *attribution.Record {
	b.t.Helper()
	r := b.conversionRecord(at, uuid.New())
	r.Decision.OfferID, r.Details.OrderID = 1, order
	r.Decision.Conversion.RulesAt = at
	return r
}

// process is another process over the same database, with empty caches.
func (b *books) process() *store.Store {
	b.t.Helper()
	opened, err := store.Open(b.url)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { require.NoError(b.t, opened.Close()) })
	return opened
}

func (b *books) requireOrderRepeat(r, of *attribution.Record) {
	b.t.Helper()
	require.Equal(b.t, []any{outcome.Duplicate, outcome.DuplicateOrder}, []any{r.Decision.Outcome, r.Decision.Reason})
	require.Equal(b.t, of.Hit.ID, r.DuplicateOf)
	require.Equal(b.t, 1, b.count("hits WHERE id = $1 AND outcome = 'duplicate' AND duplicate_of = $2 AND conversion_id = $2", r.Hit.ID, of.Hit.ID))
	require.Zero(b.t, b.count("conversions WHERE id = $1", r.Hit.ID))
}

func TestAnOrderOfAnOfferWithUniqueOrdersConvertsOnce(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.uniqueOrders()
	later, earlier := b.orderRecord(noon.Add(time.Second), "A-1"), b.orderRecord(noon, "A-1")
	neighbour, other := b.orderRecord(noon, "A-2"), b.orderRecord(noon, "A-1")
	other.Decision.OfferID = 2
	without, without2 := b.orderRecord(noon, ""), b.orderRecord(noon, "")
	b.write(later, neighbour, other, without, earlier, without2)
	for _, r := range []*attribution.Record{earlier, neighbour, other, without, without2} {
		require.Equal(t, outcome.Converted, r.Decision.Outcome)
		require.Equal(t, r.Hit.ID, r.ConversionID)
	}
	b.requireOrderRepeat(later, earlier)

	next := b.orderRecord(noon.Add(-time.Hour), "A-1")
	b.write(next)
	b.requireOrderRepeat(next, earlier)
	require.Equal(t, 2, b.count("unique_orders"))

	// Handled again, also when its hit's row is gone with its day, it is itself.
	for range 2 {
		again := *earlier
		again.Decision.Outcome = outcome.Converted
		b.write(&again)
		require.Equal(t, outcome.Converted, again.Decision.Outcome)
		require.Equal(t, 1, b.count("hits WHERE id = $1 AND outcome = 'converted' AND conversion_id = $1", earlier.Hit.ID))
		b.exec("DELETE FROM hits")
	}
	require.Equal(t, 5, b.count("conversions"))
}

// TestAConversionThatRepeatsItsOwnKeyTakesNoOrder: a repeat of a click's conversion
// with another order does not take that order.
func TestAConversionThatRepeatsItsOwnKeyTakesNoOrder(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.uniqueOrders()
	first, again, sale := b.orderRecord(noon, "A-1"), b.orderRecord(noon.Add(time.Second), "A-2"), b.orderRecord(noon.Add(2*time.Second), "A-2")
	bare := b.orderRecord(noon.Add(-time.Second), "")
	bareAgain := b.orderRecord(noon, "A-3")
	again.Decision.Conversion.DedupKey = first.Decision.Conversion.DedupKey
	bareAgain.Decision.Conversion.DedupKey = bare.Decision.Conversion.DedupKey
	b.write(sale, again, first, bareAgain, bare)
	for r, want := range map[*attribution.Record]outcome.Reason{first: "", again: outcome.DuplicateSameURL, sale: "", bare: "", bareAgain: outcome.DuplicateSameURL} {
		require.Equal(t, want, r.Decision.Reason)
	}
	require.Equal(t, 2, b.count("unique_orders"))
	b.requireConsistent()
}

// TestAnOrderIsGivenBackWhenAnotherConversionComesFirst: another transaction writes a
// conversion with the same key between the search and the insert.
func TestAnOrderIsGivenBackWhenAnotherConversionComesFirst(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.uniqueOrders()
	met, inTheWay, sale := b.orderRecord(noon, "A-1"), b.orderRecord(noon, "A-0"), b.orderRecord(noon.Add(time.Second), "A-1")
	met.Decision.Conversion.DedupKey = inTheWay.Decision.Conversion.DedupKey
	b.write(inTheWay)
	b.exec("CREATE TABLE kept AS SELECT * FROM conversions")
	b.exec("DELETE FROM conversions")
	elsewhere, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = elsewhere.Rollback() }) // has ended unless the test failed before
	_, err = elsewhere.Exec("INSERT INTO conversions SELECT * FROM kept")
	require.NoError(t, err)
	b.meeting(elsewhere, (*sqlx.Tx).Commit, met, sale)
	require.Equal(t, outcome.DuplicateSameURL, met.Decision.Reason)
	require.Equal(t, outcome.Converted, sale.Decision.Outcome)
	b.requireConsistent()
}

func TestOfTwoTransactionsWithTheSameOrderOneConverts(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*sqlx.Tx) error{"the first is committed": (*sqlx.Tx).Commit, "the first is rolled back": (*sqlx.Tx).Rollback} {
		t.Run(name, func(t *testing.T) {
			b := openBooks(t)
			b.uniqueOrders()
			first, second, neighbour := b.orderRecord(noon, "A-1"), b.orderRecord(noon.Add(time.Second), "A-1"), b.orderRecord(noon, "A-2")
			elsewhere, err := b.db.BeginTxx(t.Context(), nil)
			require.NoError(t, err)
			t.Cleanup(func() { _ = elsewhere.Rollback() }) // has ended unless the test failed before
			_, err = elsewhere.Exec("INSERT INTO unique_orders VALUES ($1, $2)", attribution.OrderKey(1, "A-1"), first.Hit.ID)
			require.NoError(t, err)
			b.meeting(elsewhere, end, second, neighbour)
			require.Equal(t, outcome.Converted, neighbour.Decision.Outcome)
			want := map[string]outcome.Reason{"the first is committed": outcome.DuplicateOrder}[name]
			require.Equal(t, want, second.Decision.Reason)
		})
	}
}

func TestABatchWithoutUniqueOrdersRunsNoFurtherStatement(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	b.offer(1, 2)
	require.NoError(t, b.SetUniqueOrders(t.Context(), 1, 2, true, nil))
	statements := func() (names []string) {
		session, err := b.Deciding().Connx(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, session.Close()) }()
		require.NoError(t, session.SelectContext(t.Context(), &names,
			"SELECT CASE WHEN statement ~ 'INTO conversions' THEN 'conversions' ELSE 'orders' END FROM pg_prepared_statements"+
				" WHERE statement ~ 'INTO conversions|unique_order' AND statement !~ 'pg_prepared' ORDER BY 1"))
		return names
	}
	b.write(b.orderRecord(noon, "A-1"))
	loaded := statements() // learnt of the other offer
	require.Equal(t, []string{"conversions", "orders"}, loaded)
	for range 3 {
		b.write(b.orderRecord(noon, "A-1"), b.orderRecord(noon, "A-1"))
	}
	require.Equal(t, loaded, statements())
	require.Equal(t, 7, b.count("conversions"))

	bound := b.orderRecord(noon, "A-1")
	bound.Decision.OfferID = 2
	b.write(bound)
	require.NotEqual(t, loaded, statements(), "the test sees statements")
}

func TestAProcessThatMissedASwitchObeysIt(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	stale := b.process()
	write := func(at time.Time, order string) *attribution.Record {
		r := b.orderRecord(at, order)
		require.NoError(t, stale.Write(t.Context(), []*attribution.Record{r}))
		return r
	}
	first := write(noon, "A-1")
	require.Equal(t, outcome.Converted, write(noon, "A-1").Decision.Outcome)
	b.setUniqueOrders(true)
	b.requireOrderRepeat(write(noon, "A-1"), first)
	b.setUniqueOrders(false)
	now, err := b.Now(t.Context())
	require.NoError(t, err)
	require.Equal(t, outcome.Converted, write(now, "A-1").Decision.Outcome, "a batch that writes nothing else checks too")
}

func TestAfterSwitchingOffTheRuleStaysForEarlierClicks(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.uniqueOrders()
	first := b.orderRecord(noon, "A-1")
	b.write(first)
	b.setUniqueOrders(false)
	b.setUniqueOrders(false) // changes nothing
	now, err := b.Now(t.Context())
	require.NoError(t, err)
	old, new1, new2 := b.orderRecord(noon, "A-1"), b.orderRecord(now, "A-2"), b.orderRecord(now.Add(time.Second), "A-2")
	b.write(old, new1, new2)
	b.requireOrderRepeat(old, first)
	require.Equal(t, outcome.Converted, new1.Decision.Outcome)
	require.Equal(t, outcome.Converted, new2.Decision.Outcome)
	old = b.orderRecord(noon, "A-2")
	b.write(old)
	b.requireOrderRepeat(old, new1)

	b.setUniqueOrders(true)
	again := b.orderRecord(now, "A-2")
	b.write(again)
	b.requireOrderRepeat(again, new1)
}

func TestSwitchingOnWaitsForWritersUnderTheOldRule(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	// elsewhere writes a conversion and is not committed yet.
	slow := b.orderRecord(noon, "A-1")
	b.write(slow)
	b.exec("CREATE TABLE kept AS SELECT * FROM conversions")
	b.exec("TRUNCATE conversions")
	elsewhere, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = elsewhere.Rollback() }) // has ended unless the test failed before
	_, err = elsewhere.Exec("INSERT INTO conversions SELECT * FROM kept")
	require.NoError(t, err)
	switched := make(chan error, 1)
	go func() { switched <- b.SetUniqueOrders(t.Context(), 1, 1, true, nil) }()
	looks := map[time.Time]bool{}
	require.Eventually(t, func() bool {
		var at []time.Time
		require.NoError(t, b.db.Select(&at, `SELECT query_start FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND query = $1`, sqlfiles.Query("conversions/writers").Text))
		for _, look := range at {
			looks[look] = true
		}
		return len(looks) > 2 || b.count("unique_order_offers WHERE state = 'on'") == 1
	}, patience, time.Millisecond)
	require.Equal(t, 1, b.count("unique_order_offers WHERE state = 'filling'"), "it checks repeatedly")
	require.NoError(t, elsewhere.Commit())
	require.NoError(t, <-switched)
	repeat := b.orderRecord(noon, "A-1")
	b.write(repeat)
	b.requireOrderRepeat(repeat, slow)
}

func TestInterruptedFillingHasNoEffectAndContinuesWhenRunAgain(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	const many = 25_000
	b.exec(`INSERT INTO conversions (id, account_id, dedup_key, offer_id, publisher_id, event, status, method, route, revenue, payout, currency, converted_at, order_id)
		SELECT md5('id' || n)::uuid, 1, md5(n::text)::uuid, 1 + n % 2, 1, 'conversion', 'approved', 'postback', 'global', 1, 1, 'USD', now(), 'B-' || n / 4
		FROM generate_series(1, $1::int) n`, many)
	b.exec("VACUUM ANALYZE conversions")
	ctx := t.Context()
	interrupted := fmt.Errorf("stop")
	require.PanicsWithError(t, "stop", func() {
		_ = b.SetUniqueOrders(ctx, 1, 1, true, func(int, int64) { panic(interrupted) })
	})
	require.Equal(t, 1, b.count("unique_order_offers WHERE state = 'filling'"))
	offer, err := b.Offer(ctx, 1, 1)
	require.NoError(t, err)
	require.Equal(t, reference.OrdersFilling, offer.UniqueOrders)
	first, second := b.orderRecord(noon, "A-1"), b.orderRecord(noon.Add(time.Second), "A-1")
	b.write(first, second)
	require.Equal(t, outcome.Converted, second.Decision.Outcome)

	read := 0
	require.NoError(t, b.SetUniqueOrders(ctx, 1, 1, true, func(n int, about int64) { read += n; require.EqualValues(t, many, about) }))
	require.Equal(t, 20_000, read)
	require.Equal(t, b.count("(SELECT DISTINCT order_id FROM conversions WHERE offer_id = 1) AS o"), b.count("unique_orders"))
	for _, order := range []string{"A-1", "B-1", fmt.Sprint("B-", many/4-1)} {
		r := b.orderRecord(noon, order)
		b.write(r)
		require.Equal(t, outcome.DuplicateOrder, r.Decision.Reason, order)
		require.Equal(t, 1, b.count("conversions WHERE id = $1 AND order_id = $2 AND offer_id = 1", r.DuplicateOf, order))
	}
	require.Zero(t, b.count(`conversions c JOIN unique_orders o ON o.conversion_id = c.id
		WHERE order_id LIKE 'B-%' AND EXISTS (SELECT FROM conversions e WHERE e.offer_id = 1 AND e.order_id = c.order_id AND e.id < c.id)`), "the oldest has it")
}

// TestNoOrderFallsIntoTheGapOfASwitch: processes continuously write the same few
// orders, each with a click of its own, while the offer is switched on, off and on.
// Among the writes that began after a switch on, an order that had a conversion never
// converts, and any other converts once.
func TestNoOrderFallsIntoTheGapOfASwitch(t *testing.T) {
	t.Parallel()
	const writers, orders = 6, 40
	b := openBooks(t)
	b.party(1)
	b.day(noon)
	var phase atomic.Int64
	var reset sync.RWMutex // separates the end of the rule from the writes that began under it
	var mu sync.Mutex
	converted := map[string]map[int64]int{} // by order and phase in which it began
	stop := make(chan struct{})
	var running sync.WaitGroup
	for i := range writers {
		own, process := b.writer(uint64(i+1)<<32), b.process()
		running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 15))
			for {
				select {
				case <-stop:
					return
				default:
				}
				if random.IntN(8) == 0 { // a worker that has just started
					process = b.Store
				}
				reset.RLock()
				began := phase.Load()
				var batch []*attribution.Record
				for range 1 + random.IntN(4) {
					// New orders are used one after the other, so that each phase has new ones.
					batch = append(batch, own.orderRecord(noon, fmt.Sprint("A-", began/2, "-", random.IntN(orders))))
				}
				err := process.Write(t.Context(), batch)
				reset.RUnlock()
				if !noFailure(t, fmt.Sprintf("writer %d", i), err) {
					return
				}
				mu.Lock()
				for _, r := range batch {
					if r.Decision.Outcome == outcome.Converted {
						if converted[r.Details.OrderID] == nil {
							converted[r.Details.OrderID] = map[int64]int{}
						}
						converted[r.Details.OrderID][began]++
					}
				}
				mu.Unlock()
			}
		})
	}
	written := func(more int) {
		from := b.count("hits")
		require.Eventually(t, func() bool { return b.count("hits") >= from+more || t.Failed() }, patience, time.Millisecond)
	}
	for range 6 {
		written(100)
		b.setUniqueOrders(true)
		phase.Add(1) // odd: the rule applies to writes that begin now
		written(100)
		reset.Lock()
		b.exec("DELETE FROM unique_order_offers") // as if it had never been on
		b.exec("UPDATE unique_orders_version SET version = version + 1")
		phase.Add(1)
		reset.Unlock()
	}
	close(stop)
	running.Wait()
	require.NotEmpty(t, converted)
	repeated := 0
	for order, phases := range converted {
		for began, n := range phases {
			if began%2 == 0 {
				repeated += n - 1
				continue
			}
			require.LessOrEqual(t, n, 1, "order %s converted %d times in phase %d", order, n, began)
			require.Zero(t, phases[began-1], "order %s, which had a conversion, converted in phase %d", order, began)
		}
	}
	require.NotZero(t, repeated, "without the rule orders repeat")
}
