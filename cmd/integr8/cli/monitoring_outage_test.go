package cli

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

func TestMetricsSayThatAWorkerHoldsItsHitsAndForWhichServer(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.startDoors("receive")
	database := s.behindProxy("DATABASE_URL")
	database.Pass()
	admin := s.start("work", "admin")
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", s.click()).receipt, outcome.Converted)
	held := func(server string) string { return s.metric(admin, `integr8_held\{server="`+server+`"\}`) }
	up := func(server string) string { return s.metric(admin, `integr8_dependency_up\{dependency="`+server+`"\}`) }
	inFlight := func() string { return s.metric(admin, `integr8_in_flight_hits\{queue="postbacks"\}`) }
	require.Equal(t, []string{"0", "0", "1", "1"}, []string{held("postgres"), held("rabbitmq"), up("postgres"), up("rabbitmq")})

	database.Refuse()
	receipt := s.get("/", "secure", s.Global, "transaction_id", s.click()).receipt
	require.Eventually(t, func() bool { return held("postgres") == "1" && inFlight() == "1" }, patience, 10*time.Millisecond)
	require.Equal(t, []string{"0", "0", "1"}, []string{held("rabbitmq"), up("postgres"), up("rabbitmq")})

	database.Pass()
	s.becomes(receipt, outcome.Converted)
	require.Eventually(t, func() bool { return held("postgres") == "0" && inFlight() == "0" && up("postgres") == "1" }, patience, 10*time.Millisecond)
	s.awaitCommitted(admin, 2)
}

// awaitCommitted waits until a worker has observed the first commits of so many postbacks.
func (s *system) awaitCommitted(admin string, postbacks int) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		return s.metric(admin, `integr8_received_to_committed_seconds_count\{kind="postback"\}`) == strconv.Itoa(postbacks)
	}, patience, 10*time.Millisecond)
}

// A replay is decided again, and is no new hit.
func TestMetricsCountReplaysByWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.startDoors("receive")
	admin := s.start("work", "admin")
	id := s.click()
	code, _, errs := s.command("offer", "edit", number(s.Offer), "--status", "paused")
	require.Zero(t, code, errs)
	receipt, postbacks := "", 0
	require.Eventually(t, func() bool {
		receipt = s.get("/", "secure", s.Global, "transaction_id", id).receipt
		postbacks++
		return s.decided(receipt).Outcome == outcome.Rejected
	}, patience, 10*time.Millisecond)
	replayed := func(became outcome.Outcome) string {
		return s.metric(admin, `integr8_replayed_total\{outcome="`+string(became)+`"\}`)
	}
	s.awaitCommitted(admin, postbacks)
	require.Equal(t, "0", replayed(outcome.Rejected))

	code, _, errs = s.command("dead", "replay", receipt)
	require.Zero(t, code, errs)
	require.Eventually(t, func() bool { return replayed(outcome.Rejected) == "1" }, patience, 10*time.Millisecond)
	require.Equal(t, "0", replayed(outcome.Converted))
	s.awaitCommitted(admin, postbacks)
}
