package cli

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// The invariants of the design, by their numbers. Number 3 is
// TestNoTokenAndNoAddressStandsAnywhere.

func TestInvariant1EveryAcceptedRequestReachesOneOutcome(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 3)
	answers := s.mixture(300)
	for _, got := range answers {
		if got.status == http.StatusOK || got.status == http.StatusFound {
			s.until(got.receipt, func(r row) bool { return r.Outcome.Final() || r.Outcome == outcome.Rejected })
		}
	}
	require.Equal(t, s.count("hits"), s.count("(SELECT DISTINCT id FROM hits) AS one"))
	require.Equal(t, s.count("hits WHERE outcome = 'converted'"), s.count("conversions"))
	require.Zero(t, s.count("hits WHERE outcome = 'failed'"))
}

func TestInvariant2OneClickConvertsOnceThroughRetriesReplaysAndWorkers(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 2)
	id := s.click()
	var firing sync.WaitGroup
	for i := range 40 {
		firing.Go(func() {
			got := s.get("/", "secure", []string{s.Global, s.OfferToken}[i%2], "transaction_id", id)
			require.Equal(t, http.StatusOK, got.status)
			s.until(got.receipt, func(r row) bool { return r.Outcome.Final() })
		})
	}
	firing.Wait()
	// Every hit again, as a broker that restarts or an operator would bring it.
	var requests [][]byte
	require.NoError(t, s.db.Select(&requests, "SELECT request FROM hits WHERE kind = 'postback'"))
	stop := s.startWorker()
	defer stop()
	for _, request := range requests {
		h, err := hit.Decode(request)
		require.NoError(t, err)
		s.publish(t, h)
	}
	last := s.get("/", "secure", s.Global, "transaction_id", s.click())
	s.becomes(last.receipt, outcome.Converted)
	require.Equal(t, 2, s.count("conversions"))
	require.Equal(t, 39, s.count("hits WHERE outcome = 'duplicate'"))
}

func TestInvariant4OneBadHitNeitherFailsNorDelaysItsNeighbours(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	_, err := s.db.Exec(`ALTER TABLE conversions ADD CHECK (order_id <> 'poison')`)
	require.NoError(t, err)
	s.startReceiver()
	// All wait in the queue before a worker comes, so that they share batches.
	var good, bad []string
	for i := range 60 {
		order := "fine"
		if i%10 == 5 {
			order = "poison"
		}
		got := s.get("/", "secure", s.Global, "transaction_id", s.click(), "order_id", order)
		require.Equal(t, http.StatusOK, got.status)
		if order == "poison" {
			bad = append(bad, got.receipt)
		} else {
			good = append(good, got.receipt)
		}
	}
	s.startWorker()
	for _, receipt := range good {
		s.becomes(receipt, outcome.Converted)
	}
	for _, receipt := range bad {
		require.Equal(t, outcome.HandlerFailed, s.becomes(receipt, outcome.Failed).Reason)
	}
	require.Equal(t, len(bad), s.count("dead_letters"))

	// Once the cause is mended, a replay brings them home.
	_, err = s.db.Exec(`ALTER TABLE conversions DROP CONSTRAINT conversions_order_id_check`)
	require.NoError(t, err)
	code, _, stderr := s.command("dead", "replay", "--reason", "handler_failed", "--account", number(s.ID))
	require.Zero(t, code, stderr)
	for _, receipt := range bad {
		s.becomes(receipt, outcome.Converted)
	}
}

func TestInvariant5AnOutageOfPostgresCostsLatencyOnly(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]struct{ begin, end func(*system, string) error }{
		"refusing connections": {
			begin: func(s *system, database string) error {
				_, err := s.admin().Exec("ALTER DATABASE " + database + " ALLOW_CONNECTIONS false")
				return errors.Join(err, s.terminateBackends(database))
			},
			end: func(s *system, database string) error {
				_, err := s.admin().Exec("ALTER DATABASE " + database + " ALLOW_CONNECTIONS true")
				return err
			},
		},
		"taking no writes": { // what a server answers that has become read-only
			begin: func(s *system, _ string) error {
				_, err := s.db.Exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
					$$ BEGIN RAISE 'cannot execute INSERT in a read-only transaction' USING ERRCODE = '25006'; END $$;
					CREATE TRIGGER refuse BEFORE INSERT ON hits EXECUTE FUNCTION refuse()`)
				return err
			},
			end: func(s *system, _ string) error {
				_, err := s.db.Exec("DROP FUNCTION refuse CASCADE")
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := startSystem(t, 2)
			before := s.mixture(20)
			var database string
			require.NoError(t, s.db.Get(&database, "SELECT current_database()"))
			require.NoError(t, outage.begin(s, database))
			during := s.mixture(60)
			for _, got := range during {
				require.NotEqual(t, http.StatusServiceUnavailable, got.status, "a receiver does not need Postgres")
			}
			s.logs.await(t, "handling is held until")
			require.NoError(t, outage.end(s, database))
			for _, got := range append(before, during...) {
				if got.receipt != "" {
					s.until(got.receipt, func(r row) bool { return r.Outcome.Final() || r.Outcome == outcome.Rejected })
				}
			}
			require.Zero(t, s.count("hits WHERE outcome = 'failed'"))
			require.Zero(t, s.count("dead_letters WHERE outcome = 'failed'"))
		})
	}
}

// admin returns a connection to another database of the same server.
func (s *system) admin() *sqlx.DB {
	s.t.Helper()
	address, err := url.Parse(s.variables["DATABASE_URL"])
	require.NoError(s.t, err)
	address.Path = "/postgres"
	admin, err := sqlx.Open("postgres", address.String())
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, admin.Close()) })
	return admin
}

func (s *system) terminateBackends(database string) error {
	_, err := s.admin().Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database)
	return err
}

// mixture fires rounds of everything that senders send, the clicks among it.
func (s *system) mixture(rounds int) []answer {
	s.t.Helper()
	answers := make(chan answer, 8*rounds)
	var firing sync.WaitGroup
	for i := range rounds {
		firing.Go(func() {
			click := s.get("/click", "offer", number(s.Offer), "publisher", number(s.Publisher))
			require.Equal(s.t, http.StatusFound, click.status)
			target, err := url.Parse(click.header.Get("Location"))
			require.NoError(s.t, err)
			id := target.Query().Get("c")
			answers <- click
			answers <- s.get("/", "secure", s.Global, "transaction_id", id)
			answers <- s.get("/postback", "secure", s.OfferToken, "transaction_id", id)
			switch i % 4 {
			case 0:
				answers <- s.get("/", "secure", s.Global, "transaction_id", typo(id))
			case 1:
				answers <- s.pixel("secure", s.Global, "transaction_id", id)
			case 2:
				answers <- s.get("/", "secure", "forged", "transaction_id", id)
			case 3:
				answers <- s.get("/clickless", "secure", s.OfferToken, "publisher", number(s.Publisher),
					"external_transaction_id", uuid.NewString())
			}
		})
	}
	firing.Wait()
	close(answers)
	all := make([]answer, 0, len(answers))
	for got := range answers {
		all = append(all, got)
	}
	return all
}

// await waits for a log line that holds the text.
func (l *logs) await(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		l.mu.Lock()
		all, changed := l.buffer.String(), l.changed
		l.mu.Unlock()
		if strings.Contains(all, text) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			require.FailNow(t, "it was never logged", text)
		}
	}
}
