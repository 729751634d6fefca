package books

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// peer is the queue and the database of a Keeper.
type peer struct {
	ledger *Ledger

	mu         sync.Mutex
	statements []Statement
	standings  []Standing
	reports    int
	passed     time.Time
	away       error
	spooled    int64
}

func (p *peer) state(_ context.Context, topic string) (Statement, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	statement := p.ledger.Statement(topic)
	statement.Spooled = p.spooled
	if p.away == nil {
		p.ledger.Stated(statement)
		p.statements = append(p.statements, statement)
	}
	return statement, p.away
}

func (p *peer) report(_ context.Context, standings []Standing) (map[string]time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.standings, p.reports = standings, p.reports+1
	return map[string]time.Time{topic: p.passed}, p.away
}

func (p *peer) spool(string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spooled
}

// pass lets all statements pass the queue.
func (p *peer) pass() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed = time.Now()
}

// sent counts the statements.
func (p *peer) sent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.statements)
}

func (p *peer) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// keep runs a Keeper in a bubble until test returns.
func keep(t *testing.T, test func(p *peer, k *Keeper, logged *bytes.Buffer, stop func())) {
	synctest.Test(t, func(t *testing.T) {
		p := &peer{ledger: NewLedger(uuid.New())}
		var logged bytes.Buffer
		k := NewKeeper(Options{
			Ledger: p.ledger, Topics: []string{topic}, State: p.state, Report: p.report,
			Spooled: p.spool, Logger: slog.New(slog.NewTextHandler(&logged, nil)),
		})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = k.Run(ctx) })
		stop := func() { cancel(); running.Wait() }
		synctest.Wait()
		test(p, k, &logged, stop)
		stop()
	})
}

func TestAReceiverStatesEachSecondAndRarelyWhenIdle(t *testing.T) {
	keep(t, func(p *peer, _ *Keeper, _ *bytes.Buffer, _ func()) {
		require.Equal(t, 1, p.sent(), "the first statement, of nothing, says that the receiver is there")
		for range 5 {
			p.ledger.Conclude(topic, p.ledger.Issue(topic), true)
			time.Sleep(stateEvery)
			synctest.Wait()
		}
		require.Equal(t, 6, p.sent())
		time.Sleep(10 * idleEvery)
		synctest.Wait()
		require.InDelta(t, 16, p.sent(), 1)
		p.set(func() { p.spooled = 3 })
		time.Sleep(2 * idleEvery) // a statement says that there are records in the spool
		p.set(func() { p.spooled = 0 })
		time.Sleep(stateEvery)
		synctest.Wait()
		require.Zero(t, p.statements[len(p.statements)-1].Spooled, "that the spool is empty again is said at once")
	})
}

func TestTheLagIsTheAgeOfTheOldestStatementUnderWay(t *testing.T) {
	keep(t, func(p *peer, k *Keeper, _ *bytes.Buffer, _ func()) {
		p.pass()
		time.Sleep(2 * stateEvery)
		synctest.Wait()
		require.Zero(t, k.Lags()[topic])
		for range 30 { // no worker lives
			p.ledger.Conclude(topic, p.ledger.Issue(topic), true)
			time.Sleep(stateEvery)
		}
		synctest.Wait()
		require.InDelta(t, 30, k.Lags()[topic].Seconds(), 2)
		require.InDelta(t, 30, p.standings[0].Lag.Seconds(), 2)
		p.set(func() { p.away = errors.New("away") }) // nobody knows what passes
		time.Sleep(30 * stateEvery)
		require.InDelta(t, 60, k.Lags()[topic].Seconds(), 2)
		p.set(func() { p.away = nil })
		p.pass()
		time.Sleep(2 * stateEvery)
		synctest.Wait()
		require.LessOrEqual(t, k.Lags()[topic], 2*stateEvery)
	})
}

func TestWhatIsPromisedUntilTheEndIsStated(t *testing.T) {
	keep(t, func(p *peer, _ *Keeper, _ *bytes.Buffer, stop func()) {
		p.ledger.Conclude(topic, p.ledger.Issue(topic), true)
		stop()
		require.EqualValues(t, 1, p.statements[len(p.statements)-1].UpTo)
		require.True(t, p.standings[0].Ended)
		require.EqualValues(t, 1, p.standings[0].PromisedTo)
	})
}

func TestAStatementThatCannotBeSentIsSentLaterAndLoggedOnce(t *testing.T) {
	keep(t, func(p *peer, _ *Keeper, logged *bytes.Buffer, _ func()) {
		p.set(func() { p.away = errors.New("away") })
		p.ledger.Conclude(topic, p.ledger.Issue(topic), true)
		time.Sleep(60 * stateEvery)
		synctest.Wait()
		require.Equal(t, 1, bytes.Count(logged.Bytes(), []byte("statements cannot be sent")), "%s", logged)
		p.set(func() { p.away = nil })
		time.Sleep(stateEvery)
		synctest.Wait()
		require.EqualValues(t, 1, p.statements[len(p.statements)-1].UpTo)
	})
}

func TestWhatHasNotChangedIsRarelyReported(t *testing.T) {
	keep(t, func(p *peer, _ *Keeper, _ *bytes.Buffer, _ func()) {
		p.pass()
		time.Sleep(2 * stateEvery)
		synctest.Wait()
		before := p.reports
		for range 60 {
			p.pass()
			time.Sleep(stateEvery)
		}
		synctest.Wait()
		require.LessOrEqual(t, p.reports-before, 20)
	})
}
