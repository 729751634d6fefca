package handlers_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// sweep is a sweeper whose grace ends before its next observation.
type sweep struct {
	*handlers.Sweeper
	n       *network
	backlog rabbit.Backlog
	fails   error
	looks   int
}

func (n *network) newSweeper(change ...func(*handlers.SweeperOptions)) *sweep {
	s := &sweep{n: n, backlog: rabbit.Backlog{Consumers: 1}}
	options := handlers.SweeperOptions{
		Postbacks: n.postbacks, Waits: n.store, Begin: n.beginSweep, Grace: time.Nanosecond,
		Backlog: func(context.Context) (rabbit.Backlog, error) {
			s.looks++
			return s.backlog, s.fails
		},
	}
	for _, c := range change {
		c(&options)
	}
	s.Sweeper = handlers.NewSweeper(options)
	return s
}

func (n *network) beginSweep(ctx context.Context) (handlers.Sweep, error) {
	begun, err := n.store.BeginSweep(ctx)
	if begun == nil {
		return nil, err
	}
	return begun, err
}

// sweep sweeps once more often than is needed to know that the queue is not behind. The
// queue has one worker.
func (s *sweep) sweep() error {
	s.n.t.Helper()
	_, err := s.n.db.Exec(`INSERT INTO workers (id, seen_at, steady_since) VALUES ($1, now() + interval '1 hour', now() - interval '1 hour')
		ON CONFLICT DO NOTHING`, uuid.Nil)
	require.NoError(s.n.t, err)
	var met []error
	for range 3 {
		met = append(met, s.Sweep(context.Background()))
	}
	return errors.Join(met...)
}

// endWindows ends the late-click window and the grace of all waiting postbacks.
func (n *network) endWindows() {
	n.t.Helper()
	_, err := n.db.Exec(`UPDATE waiting_postbacks SET waits_until = now() - interval '1 hour'`)
	require.NoError(n.t, err)
}

// unmatched handles a postback whose click never comes, and ends its wait.
func (n *network) unmatched(h *hit.Hit) {
	n.t.Helper()
	n.handle(h)
	n.endWindows()
	require.NoError(n.t, n.newSweeper().sweep())
	require.Equal(n.t, "unmatched", n.outcome(h).Outcome)
	require.Equal(n.t, "open click_never_came", n.deadLetter(h))
	require.Zero(n.t, n.count("waiting_postbacks"))
}

func TestAPostbackWithoutAClickAlwaysWaitsFirst(t *testing.T) {
	t.Parallel()
	for name, received := range map[string]time.Duration{
		"received just now":               0,
		"received a week ago":             -7 * 24 * time.Hour,
		"received by a clock an hour ago": -time.Hour,
		"received by a clock in an hour":  time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t)
			h := n.newPostback(n.Global, n.keys.Mint(n.clock))
			h.ReceivedAt = n.clock.Add(received)
			for _, occasion := range []string{"at first", "when it is replayed"} {
				n.handle(h)
				require.Equal(t, "waiting", n.outcome(h).Outcome, occasion)
				require.Equal(t, 1, n.count(`waiting_postbacks WHERE waits_until >= $1
					AND waits_until > now() + interval '100 seconds'`, h.ReceivedAt.Add(24*time.Hour)), occasion)
				n.endWindows()
				require.NoError(t, n.newSweeper().sweep())
				require.Equal(t, "unmatched", n.outcome(h).Outcome, occasion)
			}
		})
	}
}

func TestAWaitNeverGetsShorter(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	h := n.newPostback(n.Global, n.keys.Mint(n.clock))
	n.handle(h)
	_, err := n.db.Exec(`UPDATE waiting_postbacks SET waits_until = now() + interval '9 days'`)
	require.NoError(t, err)
	n.handle(h)
	require.Equal(t, 1, n.count("waiting_postbacks WHERE waits_until > now() + interval '8 days'"))
}

func TestAClickDecidesPostbacksWhoseWaitHasEnded(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	h := n.newPostback(n.Global, click.TransactionID)
	n.unmatched(h)
	n.handle(click)
	require.Equal(t, "converted", n.outcome(h).Outcome)
	require.Equal(t, "resolved click_never_came", n.deadLetter(h))
	require.Zero(t, n.count("ended_waits"))
	n.handle(click)
	require.Equal(t, 2+1, n.outcome(h).Decisions, "it waited, was unmatched, and converted")
}

func TestAReplayAfterTheClickConverts(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	h := n.newPostback(n.Global, click.TransactionID)
	n.unmatched(h)
	n.recordAlone(click)
	n.handle(h)
	require.Equal(t, "converted", n.outcome(h).Outcome)
	require.Equal(t, "resolved click_never_came", n.deadLetter(h))
	require.Zero(t, n.count("ended_waits"))
}

// TestAWaitThatEndsAsItsClickIsWrittenStillConverts: the click's worker reads the wait
// before the sweep ends it, and decides afterwards.
func TestAWaitThatEndsAsItsClickIsWrittenStillConverts(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	h := n.newPostback(n.Global, click.TransactionID)
	n.handle(h)
	seen := n.waitingFor(click)
	n.endWindows()
	require.NoError(t, n.newSweeper().sweep())
	require.Equal(t, "unmatched", n.outcome(h).Outcome)
	n.recordAlone(click)
	require.NoError(t, n.postbacks.Reconsider(context.Background(), seen, false))
	require.Equal(t, "converted", n.outcome(h).Outcome)
}

func TestASweepThatComesLateDoesNotUndoWhatAnotherHasEnded(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	h := n.newPostback(n.Global, click.TransactionID)
	n.handle(h)
	seen := n.waitingFor(click)
	for range 2 {
		require.NoError(t, n.postbacks.Reconsider(context.Background(), seen, true))
		require.Equal(t, 2, n.outcome(h).Decisions)
		require.Equal(t, 1, n.count("dead_letters WHERE deaths = 1"))
	}
}

func TestSweepMatchesAPostbackWhoseClickDecidedNothingAndEndsTheWait(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	left, lonely := n.newPostback(n.Global, click.TransactionID), n.newPostback(n.Global, n.keys.Mint(n.clock))
	n.handle(left)
	n.handle(lonely)
	n.recordAlone(click)
	sweeper := n.newSweeper()
	require.NoError(t, sweeper.sweep())
	require.Equal(t, "converted", n.outcome(left).Outcome)
	require.Equal(t, "waiting", n.outcome(lonely).Outcome)
	require.Zero(t, sweeper.looks, "nobody looks at the broker while no wait is over")

	n.endWindows()
	require.NoError(t, sweeper.sweep())
	require.Equal(t, "unmatched", n.outcome(lonely).Outcome)
	require.Equal(t, "open click_never_came", n.deadLetter(lonely))
	require.Zero(t, n.count("waiting_postbacks"))
}

func TestSweepEndsNoWaitWhileTheClicksAreBehindOrOutOfSight(t *testing.T) {
	t.Parallel()
	away := errors.New("the broker is away")
	for name, test := range map[string]struct {
		backlog rabbit.Backlog
		fails   error
	}{
		"clicks wait in the queue":                  {rabbit.Backlog{Ready: 1, Consumers: 1}, nil},
		"failed attempts wait for their next":       {rabbit.Backlog{Retrying: 1, RetrySpan: time.Hour, Consumers: 1}, nil},
		"a consumer is no worker that was heard of": {rabbit.Backlog{Consumers: 2}, nil},
		"the queue's leader does not answer":        {rabbit.Backlog{}, nil},
		"the queue cannot be seen":                  {rabbit.Backlog{}, away},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t)
			h := n.newPostback(n.Global, n.keys.Mint(n.clock))
			n.handle(h)
			n.endWindows()
			sweeper := n.newSweeper()
			sweeper.backlog, sweeper.fails = test.backlog, test.fails
			require.ErrorIs(t, sweeper.sweep(), test.fails)
			require.Equal(t, "waiting", n.outcome(h).Outcome)
			require.Equal(t, 3, sweeper.looks)
			sweeper.backlog, sweeper.fails = rabbit.Backlog{Consumers: 1}, nil
			require.NoError(t, sweeper.sweep())
			require.Equal(t, "unmatched", n.outcome(h).Outcome)
		})
	}
}

func TestAWorkerThatReportsIsCounted(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	h := n.newPostback(n.Global, n.keys.Mint(n.clock))
	n.handle(h)
	n.endWindows()
	sweeper := n.newSweeper()
	sweeper.backlog.Consumers = 1
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		sweeper.Run(ctx)
		close(done)
	}()
	require.Eventually(t, func() bool { return n.outcome(h).Outcome == "unmatched" }, 30*time.Second, 5*time.Millisecond)
	stop()
	<-done
	require.Equal(t, 1, n.count("workers"))
}

// spoil replaces the stored request of a hit by one that cannot be decoded.
func (n *network) spoil(h *hit.Hit, request string) {
	n.t.Helper()
	_, err := n.db.Exec(`UPDATE hits SET request = $2::json WHERE id = $1`, h.ID, request)
	require.NoError(n.t, err)
}

// unreadable holds stored requests that are not a hit, or are another hit.
var unreadable = []string{
	`{"token":"hush"}`, `[]`, `"text"`, `null`, `{"id":"018f0000-0000-7000-8000-000000000000","kind":"postback"}`,
}

func TestSweepContinuesPastStoredHitsThatCannotBeDecoded(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	var spoiled []*hit.Hit
	for _, request := range unreadable {
		h := n.newPostback(n.Global, n.keys.Mint(n.clock.Add(-time.Hour))) // comes first in each order
		n.handle(h)
		n.spoil(h, request)
		spoiled = append(spoiled, h)
	}
	good := n.newPostback(n.Global, n.keys.Mint(n.clock))
	n.handle(good)
	n.endWindows()
	require.NoError(t, n.newSweeper().sweep())
	require.Equal(t, "unmatched", n.outcome(good).Outcome)
	for _, h := range spoiled {
		require.Equal(t, "failed", n.outcome(h).Outcome)
		require.Equal(t, "undecodable", n.outcome(h).Reason)
		require.Equal(t, "open undecodable", n.deadLetter(h))
	}
	require.Zero(t, n.count("waiting_postbacks"))
	require.Zero(t, n.count("dead_letters WHERE error LIKE '%hush%' OR error = '' AND reason = 'undecodable'"))
	require.Equal(t, 1, n.count(`dead_letters WHERE payload = '{"token":"hush"}'`), "the operator can see what was stored")
}

func TestAClickIsNotFailedByAStoredHitThatWaitsForIt(t *testing.T) {
	t.Parallel()
	for _, request := range unreadable {
		n := newNetwork(t)
		click := n.newClick()
		spoiled, good := n.newPostback(n.Global, click.TransactionID), n.newPostback(n.Global, click.TransactionID)
		n.handle(spoiled)
		n.handle(good)
		n.spoil(spoiled, request)
		var seen atomic.Int32
		n.observe = func(r *attribution.Record) {
			h, decision := r.Hit, r.Decision
			if h.ID == spoiled.ID && decision.Reason == outcome.Undecodable {
				seen.Add(1)
			}
		}
		n.postbacks, n.clicks = n.newHandlers()
		n.handle(click)
		n.handle(click)
		require.Equal(t, "recorded", n.outcome(click).Outcome)
		require.Equal(t, "converted", n.outcome(good).Outcome)
		require.Equal(t, "open undecodable", n.deadLetter(spoiled))
		require.EqualValues(t, 1, seen.Load(), "counted once")
	}
}

// damagedRoom cannot read the rows of some hits, as when a page on disk is damaged.
type damagedRoom struct {
	*store.Store
	damaged []uuid.UUID
}

var errDamaged = errors.New("missing chunk number 0 for toast value")

func (r damagedRoom) Requests(ctx context.Context, waits []attribution.Wait) ([]attribution.Wait, error) {
	for _, wait := range waits {
		if slices.Contains(r.damaged, wait.HitID) {
			return nil, errDamaged
		}
	}
	return r.Store.Requests(ctx, waits)
}

func TestSweepContinuesPastRowsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	var all []*hit.Hit
	room := damagedRoom{Store: n.store}
	for i := range 20 {
		h := n.newPostback(n.Global, n.keys.Mint(n.clock))
		n.handle(h)
		all = append(all, h)
		if i == 3 || i == 11 {
			room.damaged = append(room.damaged, h.ID)
		}
	}
	n.endWindows()
	sweeper := n.newSweeper(func(o *handlers.SweeperOptions) { o.Waits = room })
	require.ErrorIs(t, sweeper.sweep(), errDamaged)
	for _, h := range all {
		want := "unmatched"
		if slices.Contains(room.damaged, h.ID) {
			want = "waiting"
		}
		require.Equal(t, want, n.outcome(h).Outcome)
	}
}

func TestSweepRemovesWaitingRowsOfHitsThatDoNotWait(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	converted := n.newPostback(n.Global, n.click())
	n.handle(converted)
	_, err := n.db.Exec(`INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until)
		VALUES ($1, $2, $3, now() - interval '1 hour'), ($4, $2, $5, now() - interval '1 hour')`,
		converted.TransactionID.UUID(), n.ID, converted.ID, uuid.New(), uuid.Must(uuid.NewV7()))
	require.NoError(t, err)
	require.ErrorContains(t, n.newSweeper().sweep(), "no longer wait")
	require.Zero(t, n.count("waiting_postbacks"))
	require.Equal(t, "converted", n.outcome(converted).Outcome)
}
