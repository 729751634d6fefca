package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store/storetest"
)

// doctor examines the system and returns the findings by check, but for notes and
// for those about queues, which depend on whether a worker has connected yet.
func (s *system) doctor() (code int, findings map[string][]doctor.Finding) {
	s.t.Helper()
	code, stdout, stderr := s.command("doctor", "--json")
	var all []doctor.Finding
	require.NoError(s.t, json.Unmarshal([]byte(stdout), &all), "%s %s", stdout, stderr)
	findings = map[string][]doctor.Finding{}
	for _, found := range all {
		require.NotEmpty(s.t, found.What)
		require.NotEmpty(s.t, found.Hint, found.What)
		require.NotEmpty(s.t, found.Count, found.What)
		require.LessOrEqual(s.t, len(found.Examples), doctor.ExamplesShown, found.What)
		if found.Check != "queues" && found.Level != doctor.Note {
			findings[found.Check] = append(findings[found.Check], found)
		}
	}
	return code, findings
}

func TestDoctorFindsNothingInASoundSystem(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	s.becomes(s.get("/postback", "secure", s.Global, "transaction_id", s.click()).receipt, outcome.Converted)
	code, findings := s.doctor()
	require.Zero(t, code, "%v", findings)
	require.Empty(t, findings)
	require.Eventually(t, func() bool {
		_, stdout, _ := s.command("doctor")
		return strings.HasPrefix(stdout, allWell+"\n") && !strings.Contains(stdout, "not looked at")
	}, patience, 50*time.Millisecond, "queues are sound once the worker has connected")
}

func TestDoctorTellsWhatSendersGetWrong(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	ctx := context.Background()
	other := storetest.NewBareAccount(t, s.store, s.keys, "other")
	othersToken := other.NewToken(0)
	resting := s.NewPublisher()
	_, err := s.db.Exec("UPDATE publishers SET status = 'paused' WHERE id = $1", resting)
	require.NoError(t, err)
	s.startReceiver() // only now, so that it knows the publisher as paused
	s.startWorker()

	id := s.click()
	s.becomes(s.get("/postback", "secure", s.Global, "transaction_id", id).receipt, outcome.Converted)
	s.becomes(s.get("/postback", "secure", s.OfferToken, "transaction_id", id).receipt, outcome.Duplicate)
	for range 3 {
		s.decided(s.get("/postback", "secure", s.Global, "transaction_id", "REPLACE").receipt)
	}
	s.decided(s.get("/postback", "secure", s.OfferToken, "transaction_id", strings.Repeat("0", 32)).receipt)
	s.decided(s.pixel("secure", othersToken, "transaction_id", id).receipt)
	s.decided(s.get("/click", "offer", number(s.Offer), "publisher", number(s.Publisher), "secure", s.Global).receipt)
	s.decided(s.get("/clickless", "secure", s.OfferToken, "publisher", number(resting)).receipt)

	code, findings := s.doctor()
	require.Zero(t, code, "%v", findings)
	require.Len(t, findings["conflicts"], 1)
	require.Equal(t, doctor.Party{AccountID: s.ID, Offer: s.Offer}, findings["conflicts"][0].Party)
	require.Len(t, findings["leaks"], 1)
	leaked, found, err := s.store.FindToken(ctx, token.DigestOf(s.Global))
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, doctor.Party{AccountID: s.ID, Offer: s.Offer, Publisher: s.Publisher, Token: leaked.ID}, findings["leaks"][0].Party)
	require.Equal(t, []doctor.Finding{{
		Level: doctor.Warning, Check: "domains", Party: doctor.Party{AccountID: other.ID}, Count: 1, Examples: []doctor.Example{},
		What: fmt.Sprintf("account %d is sent pixels but has no tracking domain", other.ID),
		Hint: "`integr8 domain create --account ID --host HOST`, and serve the pixel from there",
	}}, findings["domains"])

	tokens, err := s.store.Tokens(ctx, s.ID)
	require.NoError(t, err)
	hits := map[string]doctor.Party{}
	for _, found := range findings["hits"] {
		require.Regexp(t, "; (1 dead letter is|[2-9] dead letters are) open, the oldest of ", found.What)
		what, _, _ := strings.Cut(found.What, " (")
		hits[what] = found.Party
	}
	require.Equal(t, doctor.Party{AccountID: s.ID, Token: tokens[0].ID}, hits["3 × postback with placeholder_transaction_id"])
	require.Contains(t, hits, "1 × postback with unverified_transaction_id")
	require.Contains(t, hits, "1 × pixel with wrong_domain")
	require.Equal(t, doctor.Party{AccountID: s.ID, Offer: s.Offer, Publisher: resting, Token: tokens[1].ID}, hits["1 × clickless with publisher_paused"])
	require.Empty(t, findings["dead letters"], "they stand with the hits of the same reason")
	require.NotContains(t, s.commandOutput("doctor"), s.Global)
}

func TestDoctorListsAFewLeaksAndCountsTheRest(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	_, err := s.db.Exec(`INSERT INTO token_leaks (account_id, offer_id, publisher_id, token_id, clicks, first_seen, last_seen)
		SELECT $1::bigint, 1, n, 0, 1, now(), now() FROM generate_series(1, 40000) AS n`, s.ID)
	require.NoError(t, err)
	_, err = s.db.Exec(`INSERT INTO token_leaks (account_id, offer_id, publisher_id, token_id, clicks, first_seen, last_seen)
		VALUES ($1, 1, 1, 77, 1, now(), now() - interval '1 day')`, s.ID)
	require.NoError(t, err)
	_, findings := s.doctor()
	require.Len(t, findings["leaks"], 1)
	found := findings["leaks"][0]
	require.EqualValues(t, 40001, found.Count)
	require.Len(t, found.Examples, doctor.ExamplesShown)
	require.Equal(t, 40001-doctor.ExamplesShown, found.Omitted)
	require.EqualValues(t, 77, found.Examples[0].Token, "a known token comes first")
	require.Equal(t, doctor.Party{AccountID: s.ID, Offer: 1}, found.Party, "what all have in common, as far as is shown")
	require.Contains(t, s.commandOutput("doctor"), fmt.Sprintf("and %d more", 40001-doctor.ExamplesShown))
}

func TestTheRetentionOfDeadLettersIsShown(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(1, 0, outcome.UnknownToken, 0)
	for _, command := range [][]string{{"doctor"}, {"dead", "list"}} {
		_, stdout, _ := s.command(command...)
		require.Contains(t, stdout, "Closed dead letters are kept for 90d, open ones with an unknown token for 30d", command)
	}
	var letters []struct {
		DiedAt    time.Time  `json:"died_at"`
		KeptUntil *time.Time `json:"kept_until"`
	}
	s.answers(&letters, "dead", "list")
	require.Equal(t, letters[0].DiedAt.AddDate(0, 0, 30), *letters[0].KeptUntil)
}

func TestDoctorTellsWhatOffersLack(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	bare := s.NewOffer(func(offer *attribution.Offer) { offer.Destination = "https://shop.example/" })
	odd := s.NewOffer(func(offer *attribution.Offer) { offer.Destination += "&x={foo}" })
	lonely := storetest.NewBareAccount(t, s.store, s.keys, "lonely")
	uncovered := lonely.NewOffer(func(*attribution.Offer) {})
	lonely.NewOffer(func(offer *attribution.Offer) {
		offer.Destination, offer.Status = "https://shop.example/", attribution.Paused
	})

	code, findings := s.doctor()
	require.Zero(t, code, "%v", findings)
	require.Len(t, findings["offers"], 2)
	require.Equal(t, bare, findings["offers"][0].Offer)
	require.Contains(t, findings["offers"][0].What, "lacks {transaction_id}")
	require.Equal(t, odd, findings["offers"][1].Offer)
	require.Contains(t, findings["offers"][1].What, "{foo}")
	require.Len(t, findings["tokens"], 1, "a paused offer is left alone, and a global token covers all of an account")
	require.Equal(t, doctor.Party{AccountID: lonely.ID, Offer: uncovered}, findings["tokens"][0].Party)

	ended := lonely.NewToken(uncovered)
	_, err := s.db.Exec("UPDATE tokens SET valid_until = now() - interval '1 minute' WHERE account_id = $1", lonely.ID)
	require.NoError(t, err)
	_, findings = s.doctor()
	require.Len(t, findings["tokens"], 1, "a token that has ended covers nothing")
	require.NotContains(t, s.commandOutput("doctor"), ended)
}

// TestDoctorFindsHitsThatReportsDoNotCount until they are counted.
func TestDoctorFindsHitsThatReportsDoNotCount(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	_, err := s.db.Exec(`INSERT INTO hits (id, account_id, kind, outcome, received_at, request)
		VALUES ('00000000-0000-7000-8000-000000000001', 1, 'click', 'recorded', '1970-01-01', '{}')`)
	require.NoError(t, err)
	_, err = s.db.Exec("UPDATE rollup_state SET complete_from = '1970-01-01 00:30:00+00'")
	require.NoError(t, err)
	_, findings := s.doctor()
	require.Len(t, findings["roll-ups"], 1)
	require.Equal(t, doctor.Warning, findings["roll-ups"][0].Level)
	require.Contains(t, findings["roll-ups"][0].What, "from 1970-01-01 00:00:00 to 1970-01-01 00:30:00 UTC")
	require.Contains(t, findings["roll-ups"][0].Hint, "integr8 rollup rebuild")

	s.commandOutput("rollup", "rebuild")
	_, findings = s.doctor()
	require.Empty(t, findings["roll-ups"])
}

func TestDoctorTellsOfStandingMachinery(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	today := time.Now().UTC().Format("20060102")
	for _, statement := range []string{
		"DROP TABLE clicks_" + today,
		`INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at)
			VALUES ('00000000-0000-0000-0000-000000000001', 1, '` + uuid.NewString() + `', 1, 1, now())`,
		`INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until)
			VALUES ('` + uuid.NewString() + `', 1, '` + uuid.NewString() + `', now() - interval '1 hour')`,
	} {
		_, err := s.db.Exec(statement)
		require.NoError(t, err)
	}
	code, findings := s.doctor()
	require.Equal(t, exitFailed, code)
	require.Len(t, findings["partitions"], 2)
	require.Equal(t, doctor.Broken, findings["partitions"][0].Level)
	require.Contains(t, findings["partitions"][0].What, "clicks_"+today)
	require.Contains(t, findings["partitions"][1].What, "clicks_before_2020")
	require.Contains(t, findings["waiting"][0].What, "1 postback still waits")

	code, stdout, stderr := s.command("doctor")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stdout, "clicks_"+today)
	require.Contains(t, stderr, "1 of ")

	s.command("migrate")
	_, findings = s.doctor()
	require.Len(t, findings["partitions"], 1)
}

func TestDoctorCountsWhatIsUnmatchedAlthoughItsClickIsThere(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	for _, statement := range []string{
		`INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at)
			SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 1, gen_random_uuid(), 1, 1, now() FROM generate_series(1, 3) n`,
		`INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, request)
			SELECT ('00000000-0000-0000-0000-00000000001' || n)::uuid, 1, 'postback', now(), 'unmatched', 'click_never_came', '{}' FROM generate_series(2, 6) n`,
		`INSERT INTO ended_waits (transaction_id, hit_id)
			SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, ('00000000-0000-0000-0000-00000000001' || n)::uuid FROM generate_series(2, 6) n`,
	} {
		_, err := s.db.Exec(statement)
		require.NoError(t, err)
	}
	_, findings := s.doctor()
	require.Len(t, findings["waiting"], 1)
	require.Contains(t, findings["waiting"][0].What, "2 postbacks are unmatched although their click is there")
	require.Contains(t, findings["waiting"][0].Hint, "dead replay --reason click_never_came")
}

func TestDoctorGoesOnWhereSomethingIsBroken(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	sound := s.variables
	with := func(changes map[string]string) map[string][]doctor.Finding {
		t.Helper()
		s.variables = map[string]string{}
		for name, value := range sound {
			s.variables[name] = value
		}
		for name, value := range changes {
			s.variables[name] = value
		}
		code, findings := s.doctor()
		require.Equal(t, exitFailed, code)
		return findings
	}

	s.die(1, s.ID, outcome.OfferPaused, s.Offer)
	with(map[string]string{"INTEGR8_SECRET": "yet another service secret"})
	code, stdout, _ := s.command("doctor")
	require.Equal(t, exitFailed, code)
	require.Regexp(t, `(?s)^broken .*\nwarning +hits`, stdout, "what is broken comes first")

	require.Contains(t, with(map[string]string{"INTEGR8_SECRET": ""}), "settings")
	require.Contains(t, with(map[string]string{"INTEGR8_SECRET": "yet another service secret"})["secrets"][0].What, "made none of the tokens")
	require.Contains(t, with(map[string]string{"INTEGR8_PUBLIC_URL": "nonsense"}), "settings")
	require.Contains(t, with(map[string]string{"AMQP_URL": ""}), "settings")
	require.Contains(t, with(map[string]string{"AMQP_URL": "amqp://joe:secret-password@127.0.0.1:1/"}), "broker")
	require.Contains(t, with(map[string]string{"INTEGR8_QUEUE_PREFIX": s.topology.Prefix + "missing."}), "topology")
	broken := with(map[string]string{"DATABASE_URL": "postgres://joe:secret-password@127.0.0.1:1/x?sslmode=disable", "AMQP_URL": "nonsense"})
	require.Contains(t, broken, "database")
	require.Contains(t, broken, "settings")

	_, err := s.db.Exec("DROP TABLE goose_db_version")
	require.NoError(t, err)
	require.Contains(t, with(nil)["database"][0].Hint, "integr8 migrate")
}

// commandOutput is all that a command prints.
func (s *system) commandOutput(args ...string) string {
	s.t.Helper()
	_, stdout, stderr := s.command(args...)
	return stdout + stderr
}

func TestTopologyIsDeclaredAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_QUEUE_MAX_BYTES"] = fmt.Sprint(s.topology.MaxBytes)
	for range 2 {
		code, stdout, stderr := s.command("topology", "--json")
		require.Zero(t, code, stderr)
		var answer queues.Declared
		require.NoError(t, json.Unmarshal([]byte(stdout), &answer))
		require.Contains(t, answer.Queues, s.topology.Prefix+"clicks")
		require.Contains(t, answer.Queues, s.topology.Prefix+"dead")
	}
	s.variables["INTEGR8_QUEUE_MAX_BYTES"] = "1GiB"
	code, _, stderr := s.command("topology")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "exists with other arguments")
}

// TestOffersWithBothURLFormsAreFoundApart: those for which conversions came twice, and
// those where that is merely to be expected.
func TestOffersWithBothURLFormsAreFoundApart(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	send := func(offer int64, route attribution.Route, reason outcome.Reason) {
		t.Helper()
		s.harm(`INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, route, offer_id, request)
			VALUES ($1, $2, 'postback', now(), 'converted', $3, $4, $5, '{}')`, uuid.Must(uuid.NewV7()), s.ID, reason, route, offer)
	}
	mixed := []int64{s.Offer, s.NewOffer(func(*attribution.Offer) {})}
	for _, offer := range mixed {
		send(offer, attribution.Global, outcome.NoReason)
		send(offer, attribution.OfferURL, outcome.NoReason)
	}
	_, findings := s.doctor()
	require.Len(t, findings["conflicts"], 1)
	require.Equal(t, "2 offers are sent both the global and the offer-level postback, though no conversion has come twice within a week",
		findings["conflicts"][0].What)

	send(s.Offer, attribution.Global, outcome.DuplicateOtherURL)
	_, findings = s.doctor()
	require.Len(t, findings["conflicts"], 2)
	require.Contains(t, about(t, findings, "conflicts", "1 conversion came twice within a week").What, fmt.Sprintf("offer %d ", s.Offer))
	require.Contains(t, about(t, findings, "conflicts", "no conversion has come twice").What, fmt.Sprintf("offer %d ", mixed[1]))
}
