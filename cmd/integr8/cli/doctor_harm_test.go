package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/doctor"
	"integr8/pipeline/outcome"
	"integr8/pipeline/spool"
)

func (s *system) harm(statement string, arguments ...any) {
	s.t.Helper()
	_, err := s.db.Exec(statement, arguments...)
	require.NoError(s.t, err)
}

// alterDatabase changes a setting of the test's own database, which new sessions take.
func (s *system) alterDatabase(setting, value string) {
	s.t.Helper()
	var name string
	require.NoError(s.t, s.db.Get(&name, "SELECT current_database()"))
	s.harm(fmt.Sprintf("ALTER DATABASE %s SET %s = %s", name, setting, value))
}

func TestDoctorFindsThatCommittedRowsCanBeLost(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.alterDatabase("integr8.disposable", "off") // whatever the server is for
	var fsync string
	require.NoError(t, s.db.Get(&fsync, "SHOW fsync"))
	_, findings := s.doctor()
	require.Equal(t, fsync == "off", len(findings["durability"]) == 1, "%v", findings["durability"])

	s.alterDatabase("synchronous_commit", "off")
	s.harm("ALTER TABLE waiting_postbacks SET UNLOGGED")
	code, findings := s.doctor()
	require.Equal(t, exitFailed, code)
	require.Equal(t, doctor.Broken, about(t, findings, "durability", "synchronous_commit").Level)
	require.Contains(t, about(t, findings, "durability", "unlogged").What, "waiting_postbacks")

	s.alterDatabase("integr8.disposable", "on")
	s.harm("ALTER TABLE waiting_postbacks SET LOGGED")
	code, findings = s.doctor()
	require.Zero(t, code)
	require.Empty(t, findings["durability"], "it is a note when the data may be lost")
}

func TestDoctorFindsANewerSchema(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.harm("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)")
	code, findings := s.doctor()
	require.Equal(t, exitFailed, code)
	require.Contains(t, about(t, findings, "database", "version 99999").Hint, "newer")
}

func TestDoctorFindsTokensThatNobodyUses(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	_, findings := s.doctor()
	require.Empty(t, findings["tokens"], "a token that was made just now")
	s.harm("UPDATE tokens SET created_at = now() - interval '8 days'")
	s.becomes(s.get("/postback", "secure", s.Global, "transaction_id", s.click()).receipt, outcome.Converted)
	_, findings = s.doctor()
	require.Len(t, findings["tokens"], 1)
	require.Equal(t, doctor.Party{AccountID: s.ID, Offer: s.Offer, Token: findings["tokens"][0].Token}, findings["tokens"][0].Party)
	require.Contains(t, findings["tokens"][0].What, "no hit came with it within a week")
	s.harm("UPDATE tokens SET valid_until = now() - interval '1 minute' WHERE offer_id IS NOT NULL")
	_, findings = s.doctor()
	require.Empty(t, findings["tokens"], "one that has ended needs nobody")
}

func TestDoctorFindsOffersThatPayMoreThanTheyBring(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	money := func(amount string) attribution.Money {
		return attribution.Money{Amount: decimal.RequireFromString(amount)}
	}
	dear := s.NewOffer(func(offer *attribution.Offer) { offer.Payout, offer.Revenue = money("5"), money("4") })
	s.NewOffer(func(offer *attribution.Offer) {
		offer.Payout, offer.Revenue, offer.Status = money("5"), money("4"), attribution.Paused
	})
	_, findings := s.doctor()
	require.Len(t, findings["payouts"], 1)
	require.Equal(t, doctor.Party{AccountID: s.ID, Offer: dear}, findings["payouts"][0].Party)
	s.command("offer", "edit", number(s.Offer), "--publisher", number(s.Publisher), "--payout", "100")
	_, findings = s.doctor()
	require.EqualValues(t, 2, findings["payouts"][0].Count)
	require.Contains(t, findings["payouts"][0].Examples[0].What, fmt.Sprintf("publisher %d's payout 100.00 is more than the revenue 4.00", s.Publisher))
}

func TestDoctorFindsReplaysWithoutAnEnd(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	ids := s.die(12, s.ID, outcome.OfferPaused, s.Offer)
	s.harm("UPDATE dead_letters SET status = 'replayed', status_at = now() - interval '59 minutes'")
	_, findings := s.doctor()
	require.Empty(t, findings["dead letters"], "they may still be on their way")
	s.harm("UPDATE dead_letters SET status_at = now() - interval '61 minutes'")
	_, findings = s.doctor()
	stuck := about(t, findings, "dead letters", "replayed more than an hour ago")
	require.EqualValues(t, len(ids), stuck.Count)
	require.Len(t, stuck.Examples, doctor.ExamplesShown)
	require.Equal(t, 2, stuck.Omitted)
	require.Equal(t, s.ID, stuck.AccountID)
}

func TestDoctorTellsEachReasonOnce(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	for range 3 {
		s.decided(s.get("/postback", "secure", s.Global, "transaction_id", "REPLACE").receipt)
		s.decided(s.get("/postback", "secure", s.OfferToken, "transaction_id", "REPLACE").receipt)
	}
	_, findings := s.doctor()
	require.Empty(t, findings["dead letters"])
	require.Len(t, findings["hits"], 1)
	found := findings["hits"][0]
	require.EqualValues(t, 6, found.Count)
	require.Len(t, found.Examples, 2, "one for each token")
	require.Contains(t, found.What, "6 hits with placeholder_transaction_id in a day; 6 dead letters are open")
}

func TestDoctorIsStrictOnDemand(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	code, _, stderr := s.command("doctor", "--strict")
	// No worker is connected, which is a warning.
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "worth a look")
	code, _, _ = s.command("doctor")
	require.Zero(t, code)
}

// spoolSome leaves a hit in a receiver's directory, which nobody holds.
func (s *system) spoolSome(dir string) {
	s.t.Helper()
	log, err := spool.Open(spool.Options{Dir: spool.HitsIn(dir)})
	require.NoError(s.t, err)
	require.NoError(s.t, log.Append(s.t.Context(), []byte("a hit")))
	require.NoError(s.t, log.Close())
}

func TestDoctorFindsSpoolsOneLevelAway(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	root := t.TempDir()
	for _, dir := range []string{root, filepath.Join(root, "own", "inner"), filepath.Join(root, "beside")} {
		s.spoolSome(dir)
	}
	s.variables["INTEGR8_SPOOL_DIR"] = filepath.Join(root, "own")
	_, findings := s.doctor()
	require.Len(t, findings["spool"], 1)
	require.EqualValues(t, 3, findings["spool"][0].Count)
	require.NoError(t, os.RemoveAll(filepath.Join(root, "own", "inner")))
	_, findings = s.doctor()
	require.EqualValues(t, 2, findings["spool"][0].Count)
}

func TestDoctorEndsSoonWhereAServerHangs(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	sound := map[string]string{"DATABASE_URL": s.variables["DATABASE_URL"], "AMQP_URL": s.variables["AMQP_URL"]}
	s.harm("DROP TABLE clicks_" + time.Now().UTC().Format("20060102"))
	s.setPolicy("postbacks", `{"message-ttl":60000}`)
	s.variables["INTEGR8_MANAGEMENT_URL"] = managementOf(t, sound["AMQP_URL"])
	hang := func(name string) map[string][]doctor.Finding {
		t.Helper()
		p := s.behindProxy(name)
		p.Hang()
		code, findings := s.doctor()
		require.Equal(t, exitFailed, code)
		s.variables[name] = sound[name]
		return findings
	}
	findings := hang("DATABASE_URL")
	found := about(t, findings, "database", "Postgres hangs: no answer within")
	require.Contains(t, found.What, "not looked at: schema, durability, clock")
	require.NotEmpty(t, findings["policies"], "the other server is looked at")

	findings = hang("AMQP_URL")
	found = about(t, findings, "broker", "RabbitMQ hangs: no answer within")
	require.Contains(t, found.What, "not looked at: arguments of queues, bindings and policies")
	require.NotEmpty(t, findings["partitions"], "the other server is looked at")
}

func TestDoctorLeavesOutACheckThatWaitsForALock(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	tx, err := s.db.Begin()
	require.NoError(t, err)
	defer tx.Rollback() // the test is over
	_, err = tx.Exec("LOCK TABLE token_leaks IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	code, findings := s.doctor()
	require.Zero(t, code)
	require.Contains(t, about(t, findings, "database", "Postgres is slow").What, "not looked at: leaks")
}
