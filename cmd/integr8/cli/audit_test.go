package cli

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/poll"
	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/rabbit"
)

// Survey is that of the system's queues.
func (s *system) Survey(ctx context.Context, complete func(rabbit.Survey) bool) (rabbit.Survey, error) {
	return s.topology.Survey(ctx, s.variables["AMQP_URL"], complete)
}

// balances waits for a balance that is as wanted.
func (s *system) balances(is func(audit.Balance) bool) (balance audit.Balance) {
	s.t.Helper()
	audits := audit.Audits{Store: s.store, Queues: &queues.Watcher{Topology: s.topology, Broker: s}, Grace: time.Second}
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	err := poll.Until(ctx, 100*time.Millisecond, func() (done bool, err error) {
		balance, err = audits.Balance(ctx, time.Time{})
		return is(balance), err
	})
	require.NoError(s.t, err, "%+v", balance)
	return balance
}

func TestTheBooksOfASystemBalance(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 2)
	sent := 0
	for range 10 {
		id := s.click()
		s.get("/", "secure", s.Global, "transaction_id", id)
		s.pixel("secure", s.Global, "transaction_id", id)
		sent += 3
	}
	s.get("/", "secure", s.Global, "transaction_id", s.keys.Mint(time.Now()).String()) // it waits for its click
	balance := s.balances(func(b audit.Balance) bool {
		return b.Settled >= int64(sent) && b.Places == audit.Places{Waiting: 1}
	})
	require.EqualValues(t, sent+1, balance.Promised)
	require.Zero(t, balance.Unaccounted)
	require.Len(t, balance.Receivers, 2, "clicks and postbacks of one receiver")

	code, text, stderr := s.command("audit", "--json")
	require.Zero(t, code, stderr)
	var printed audit.Balance
	require.NoError(t, json.Unmarshal([]byte(text), &printed))
	require.Equal(t, balance.Promised, printed.Promised)
	code, text, stderr = s.command("audit")
	require.Zero(t, code, stderr)
	require.Contains(t, text, "1 postbacks wait for their click")
}

func TestAuditNamesAHitThatWasTakenFromItsQueue(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 0)
	s.click()
	s.takeHit(t, "clicks")
	s.startWorker()
	balance := s.balances(func(b audit.Balance) bool { return b.Unaccounted > 0 })
	require.EqualValues(t, 1, balance.Unaccounted)
	require.Len(t, balance.Missing, 1)
	require.EqualValues(t, 1, balance.Missing[0].First)
	require.NotNil(t, balance.Missing[0].PromisedBefore)
	s.click()
	balance = s.balances(func(b audit.Balance) bool { return b.Promised > 1 && b.Places.Sum() == 0 })
	require.EqualValues(t, 1, balance.Unaccounted, "what comes later hides nothing")
	require.EqualValues(t, 1, balance.Settled)
}

func TestTheLagRisesWithoutAWorkerAndFallsWithOne(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	admin, _ := s.startDoors("receive")
	s.click()
	awaitLag := func(is func(seconds float64) bool) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		require.NoError(t, poll.Until(ctx, 50*time.Millisecond, func() (bool, error) {
			lag, err := strconv.ParseFloat(s.metric(admin, `integr8_queue_lag_seconds{queue="clicks"}`), 64)
			return is(lag), err
		}))
	}
	awaitLag(func(seconds float64) bool { return seconds > 2 })
	behind := s.balances(func(b audit.Balance) bool { return len(b.Queues) == 2 && b.Queues[0].LagSeconds > 2 })
	require.EqualValues(t, 1, behind.Places.Queue)
	s.startWorker()
	awaitLag(func(seconds float64) bool { return seconds == 0 })
	s.balances(func(b audit.Balance) bool { return b.Queues[0].LagSeconds == 0 && b.Settled == 1 })
}

func TestAuditComparesTheBooksWithTheRows(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	const sales = 5
	for range sales {
		s.get("/", "secure", s.Global, "transaction_id", s.click())
	}
	s.balances(func(b audit.Balance) bool { return b.Settled == 2*sales })
	compare := func() (code int, rows audit.Comparison) {
		t.Helper()
		code, text, stderr := s.command("audit", "--rows", "--json")
		var balance audit.Balance
		require.NoError(t, json.Unmarshal([]byte(text), &balance), stderr)
		require.NotNil(t, balance.Rows)
		require.Zero(t, balance.Unaccounted)
		return code, *balance.Rows
	}
	code, rows := compare()
	require.Zero(t, code)
	require.EqualValues(t, 2*sales, rows.Rows)
	require.Empty(t, rows.Differences)

	harm := func(statement string, arguments ...any) {
		t.Helper()
		result, err := s.db.Exec(statement, arguments...)
		require.NoError(t, err)
		changed, err := result.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, changed, statement)
	}
	harm("DELETE FROM hits WHERE id = (SELECT id FROM hits WHERE kind = 'click' ORDER BY id LIMIT 1)")
	harm(`INSERT INTO hits SELECT (jsonb_populate_record(hit, jsonb_build_object('id', $1::uuid))).* FROM hits AS hit
		WHERE id = (SELECT id FROM hits WHERE kind = 'click' ORDER BY id LIMIT 1)`, uuid.Must(uuid.NewV7()))
	harm("DELETE FROM conversions WHERE id = (SELECT id FROM conversions ORDER BY id LIMIT 1)")
	harm("UPDATE hits SET outcome = 'duplicate' WHERE id = (SELECT id FROM conversions ORDER BY id DESC LIMIT 1)")
	code, rows = compare()
	require.Equal(t, 1, code)
	require.Equal(t, []int64{1, 1, 1, 1}, []int64{rows.Deleted, rows.Doubled, rows.WithoutConversion, rows.WithoutHit}, "%+v", rows)
	require.Len(t, rows.Differences, 4)
	_, text, _ := s.command("audit", "--rows")
	require.Regexp(t, `deleted: numbers 1 to 1 of clicks`, text)
	require.Regexp(t, `without conversion: integr8 trace `, text)
}
