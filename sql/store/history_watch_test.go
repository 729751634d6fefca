package store_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/retention"
	"integr8/handlers/operate/users"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	sqlfiles "integr8/sql"
)

// noReference lists the tables that hold no reference data: what hits bring, what is
// computed from them, and what processes keep about themselves. Any other table is one
// that people change, and each change of it must be in the history.
var noReference = []string{
	"clicks", "hits", "conversions", "waiting_postbacks", "ended_waits", "unique_orders", "token_leaks",
	"dead_letters", "dead_letter_events", "history", "goose_db_version",
	"rollup_deltas", "rollup_minutes", "rollups", "rollup_months", "rollup_state",
	"unique_orders_version", // counts the changes of unique_order_offers
	"reference_revision",    // is another one after each change that is not in the history
	"workers", "dropped_days", "failed_attempts",
	"alerts", "alert_notices", // what rules that people made bring
	"user_sessions", "user_links", // kept by logging in and out
	"creations", // in the transaction of what they create
}

// notByPeople lists the statements that change reference data although nobody asks for it.
var notByPeople = map[string]string{
	"secrets/register": "a process says which secrets it has",
	"secrets/see":      "a process says that it still has them",
	"keys/mark_used":   "a key is used",
	"alerts/judged":    "a process looks whether a rule is met",

	"jobs/begin":          "a process takes a job",
	"jobs/keep_under_way": "and says how far it is",
	"jobs/advance":        "as here",
	"jobs/end":            "and here",
	"jobs/delay":          "and here",
	"jobs/take_to_follow": "a process looks what became of hits",
	"jobs/follow":         "and keeps it",
	"jobs/forget":         "jobs are kept for a while",
}

// referenceTables returns the tables that people change.
func (b *books) referenceTables() (tables []string) {
	b.t.Helper()
	require.NoError(b.t, b.db.Select(&tables, `SELECT relname FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
			AND relname <> ALL ($1) AND relname NOT LIKE 'book\_%'
		ORDER BY 1`, pq.Array(noReference)))
	return tables
}

// watch notes each row that is changed in the tables, with its transaction and the
// statement that did it.
func (b *books) watch(tables []string) {
	b.t.Helper()
	b.exec(`CREATE TABLE watched (transaction xid8, name text, statement text)`)
	b.exec(`CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO watched VALUES (pg_current_xact_id(), TG_TABLE_NAME, current_query()); RETURN NULL; END $$`)
	for _, table := range append(slices.Clone(tables), "history") {
		name := pq.QuoteIdentifier(table)
		b.exec(`CREATE TRIGGER watch AFTER INSERT OR DELETE ON ` + name + ` FOR EACH ROW EXECUTE FUNCTION watch()`)
		b.exec(`CREATE TRIGGER watch_update AFTER UPDATE ON ` + name + ` FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION watch()`)
	}
}

// TestEveryWriteOfReferenceDataIsInTheHistory makes every change that there is, and sees
// from triggers that each transaction that changed a row of reference data also added a
// row of history. A statement that changes such a table and is not run here fails the
// test, and so does a new table that is neither reference data nor listed above.
func TestEveryWriteOfReferenceDataIsInTheHistory(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	tables := b.referenceTables()
	require.Subset(t, tables, []string{"accounts", "advertisers", "publishers", "offers", "offer_overrides", "offer_identity",
		"domains", "tokens", "api_keys", "users", "unique_order_offers", "service_secrets", "retention"})
	b.watch(tables)
	b.changeEverything()

	var silent []string
	require.NoError(t, b.db.Select(&silent, `SELECT DISTINCT name || ': ' || statement FROM watched AS w
		WHERE name <> 'history' AND NOT EXISTS (SELECT FROM watched AS h WHERE h.name = 'history' AND h.transaction = w.transaction)`))
	var ran []string
	require.NoError(t, b.db.Select(&ran, `SELECT DISTINCT statement FROM watched WHERE name <> 'history'`))
	for name := range notByPeople {
		text := sqlfiles.Query(name).Text
		silent = slices.DeleteFunc(silent, func(one string) bool { return strings.HasSuffix(one, ": "+text) })
	}
	require.Empty(t, silent, "these changes are not in the history")
	for _, name := range sqlfiles.Queries() {
		if changesOneOf(sqlfiles.Query(name).Text, tables) && notByPeople[name] == "" {
			require.True(t, slices.Contains(ran, sqlfiles.Query(name).Text), "changeEverything is to run %s", name)
		}
	}
	var unknown []string
	require.NoError(t, b.db.Select(&unknown, `SELECT act::text FROM dead_letter_events WHERE act IS NOT NULL
		EXCEPT SELECT object_id FROM history WHERE noun = 'dead'`))
	require.Empty(t, unknown, "these acts on dead letters are not in the history")
	var nobodys int
	require.NoError(t, b.db.Get(&nobodys, `SELECT count(*) FROM history WHERE actor <> 'ann@desk'`))
	require.Zero(t, nobodys)
}

// change matches the tables that a statement changes.
var change = regexp.MustCompile(`(?i)\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+(?:only\s+)?"?(\w+)`)

func changesOneOf(statement string, tables []string) bool {
	return slices.ContainsFunc(change.FindAllStringSubmatch(statement, -1), func(match []string) bool { return slices.Contains(tables, match[1]) })
}

// secureTokens are those that changeEverything adds.
var secureTokens = []string{"kT7-generated-one", "kT7-imported-one"}

// changeEverything makes each kind of change of reference data, and an act on a dead
// letter.
func (b *books) changeEverything() {
	t := b.t
	t.Helper()
	ctx := history.By(t.Context(), "ann@desk")
	_, err := b.PauseQueue(ctx, "clicks", "a test")
	require.NoError(t, err)
	_, err = b.ResumeQueue(ctx, "clicks", "")
	require.NoError(t, err)
	account, err := b.CreateAccount(ctx, "North", reference.DefaultTimeZone)
	require.NoError(t, err)
	_, err = b.EditAccount(ctx, account.ID, reference.AccountChange{Name: new("South"), TimeZone: new("Asia/Kolkata")})
	require.NoError(t, err)
	advertiser, err := b.CreateAdvertiser(ctx, account.ID, "shoes")
	require.NoError(t, err)
	_, err = b.EditAdvertiser(ctx, account.ID, advertiser.ID, "boots")
	require.NoError(t, err)
	key, err := b.CreateKey(ctx, keys.NewKey{Account: account.ID, Role: keys.Read, Name: "dashboard"}, "i8k_12345678", token.DigestOf("a key"))
	require.NoError(t, err)
	_, used, err := b.UseKey(ctx, token.DigestOf("a key"))
	require.NoError(t, err)
	require.True(t, used)
	_, err = b.RevokeKey(ctx, 0, key.ID)
	require.NoError(t, err)
	rule, err := b.CreateAlertRule(ctx, alerts.NewRule{Account: account.ID, Name: "few", Condition: alerts.NewReason, Window: time.Hour, Least: 1})
	require.NoError(t, err)
	_, err = b.EditAlertRule(ctx, 0, rule.ID, alerts.RuleChange{Status: new(alerts.Paused)})
	require.NoError(t, err)
	hook, err := b.CreateAlertWebhook(ctx, account.ID, "https://hooks.example")
	require.NoError(t, err)
	_, err = b.RemoveAlertWebhook(ctx, 0, hook.ID)
	require.NoError(t, err)
	_, err = b.CreateUser(ctx, users.NewUser{Name: "bob", Role: users.Viewer, Account: account.ID}, "a hash")
	require.NoError(t, err)
	operator := users.Operator
	_, err = b.EditUser(ctx, "bob", users.Change{Role: &operator})
	require.NoError(t, err)
	publisher, err := b.CreatePublisher(ctx, account.ID, "blog")
	require.NoError(t, err)
	paused := attribution.Paused
	_, err = b.EditPublisher(ctx, account.ID, publisher.ID, reference.PublisherChange{Status: &paused})
	require.NoError(t, err)
	domain, err := b.CreateDomain(ctx, account.ID, "a.example.com")
	require.NoError(t, err)
	_, err = b.EditDomain(ctx, account.ID, domain.ID, "b.example.com")
	require.NoError(t, err)

	terms := attribution.Offer{AccountID: account.ID, AdvertiserID: advertiser.ID, Name: "sale", Destination: "https://shop.example/", Currency: "USD"}
	offer, err := b.CreateOffer(ctx, terms)
	require.NoError(t, err)
	_, err = b.CreateUniqueOrdersOffer(ctx, terms)
	require.NoError(t, err)
	_, err = b.EditOffer(ctx, account.ID, offer.ID, reference.OfferChange{Payout: &attribution.Money{Amount: decimal.NewFromInt(3)},
		Identity: &attribution.Identity{ManyPerClick: true}})
	require.NoError(t, err)
	require.NoError(t, b.SetOverride(ctx, account.ID, offer.ID, publisher.ID, attribution.Override{Payout: &attribution.Money{Amount: decimal.NewFromInt(4)}}))
	require.NoError(t, b.ClearOverride(ctx, account.ID, offer.ID, publisher.ID))
	require.NoError(t, b.SetUniqueOrders(ctx, account.ID, offer.ID, true, nil))
	require.NoError(t, b.SetUniqueOrders(ctx, account.ID, offer.ID, false, nil))
	b.exec(`ALTER TABLE unique_order_offers DISABLE TRIGGER USER`) // the next change is the test's own: a switch that was interrupted
	b.exec(`UPDATE unique_order_offers SET state = 'filling', ended_at = NULL WHERE offer_id = $1`, offer.ID)
	b.exec(`ALTER TABLE unique_order_offers ENABLE TRIGGER USER`)
	require.NoError(t, b.SetUniqueOrders(ctx, account.ID, offer.ID, false, nil))

	made, err := b.CreateToken(ctx, account.ID, offer.ID, "", func(int64) token.Digest { return token.DigestOf(secureTokens[0]) })
	require.NoError(t, err)
	_, err = b.ImportToken(ctx, account.ID, 0, "", token.DigestOf(secureTokens[1]))
	require.NoError(t, err)
	_, err = b.EditToken(ctx, account.ID, made.ID, noon)
	require.NoError(t, err)

	_, err = b.RegisterSecrets(ctx, []token.Fingerprint{printA}, false)
	require.NoError(t, err)
	_, err = b.RetireSecret(ctx, printA)
	require.NoError(t, err)
	_, err = b.SetRetention(ctx, retention.Times{retention.ClosedDeadLetters: 24 * time.Hour}, time.Hour)
	require.NoError(t, err)

	b.dead(account.ID, outcome.OfferPaused, offer.ID, noon)
	b.act(dead.WasDiscarded)
	job, err := b.CreateJob(ctx, jobs.New{What: history.Undo, PerSecond: 10, Act: dead.Act{ID: uuid.New(), Event: dead.WasUndone, By: "ann@desk"}})
	require.NoError(t, err)
	_, err = b.CancelJob(ctx, 0, job.ID)
	require.NoError(t, err)
}
