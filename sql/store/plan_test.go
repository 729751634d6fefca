package store_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	sqlfiles "integr8/sql"
)

// plan is a node of the JSON that EXPLAIN returns.
type plan struct {
	Type      string  `json:"Node Type"`
	Relation  string  `json:"Relation Name"`
	Index     string  `json:"Index Name"`
	Condition string  `json:"Index Cond"`
	Loops     float64 `json:"Actual Loops"`
	Plans     []plan  `json:"Plans"`
}

// scans returns the nodes that read a table or an index.
func (p plan) scans() []plan {
	var found []plan
	if strings.HasSuffix(p.Type, "Scan") && p.Relation+p.Index != "" {
		found = append(found, p)
	}
	for _, child := range p.Plans {
		found = append(found, child.scans()...)
	}
	return found
}

// byIndex reports whether the node reads only rows that an index finds.
func (p plan) byIndex() bool {
	return p.Type == "Bitmap Heap Scan" || strings.Contains(p.Type, "Index") && p.Condition != ""
}

// values are the texts of parameters by name.
type values = map[string]any

// explain returns the plan of a statement in the sessions that decide hits, which does
// not depend on the arguments.
func (b *books) explain(options, name string, arguments values) plan {
	b.t.Helper()
	return b.explainIn(b.Deciding(), options, name, arguments)
}

// explainIn returns the plan that a session of the pool uses for a statement.
func (b *books) explainIn(pool *sqlx.DB, options, name string, arguments values) plan {
	b.t.Helper()
	statement := sqlfiles.Query(name)
	bound, err := statement.Bind(arguments)
	require.NoError(b.t, err)
	var literals []string
	for _, value := range bound {
		literal := "NULL"
		if value != nil {
			literal = pq.QuoteLiteral(value.(string))
		}
		literals = append(literals, literal)
	}
	session, err := pool.Connx(b.t.Context())
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, session.Close()) }()
	_, err = session.ExecContext(b.t.Context(), "PREPARE asked AS "+statement.Text)
	require.NoError(b.t, err)
	var text []byte
	err = session.GetContext(b.t.Context(), &text,
		fmt.Sprintf("EXPLAIN (%s, FORMAT JSON) EXECUTE asked (%s)", options, strings.Join(literals, ", ")))
	require.NoError(b.t, err)
	_, err = session.ExecContext(b.t.Context(), "DEALLOCATE asked")
	require.NoError(b.t, err)
	var answer []struct{ Plan plan }
	require.NoError(b.t, json.Unmarshal(text, &answer))
	return answer[0].Plan
}

// lookUps are the statements that read existing rows.
var lookUps = []string{
	"clicks/find", "waiting/find", "hits/lock_decided", "conversions/find", "orders/find",
	"waiting/delete", "ended_waits/delete", "dead_letters/lock", "dead_letters/resolve",
}

func TestLookUpsUseAnIndexWithAnyStatisticsOfTheTables(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	ids := "{" + b.idAt(today).String() + "," + b.idAt(today.Add(time.Hour)).String() + "}"
	known := values{
		"ids": ids, "transaction_ids": ids, "hit_ids": ids, "dedup_keys": ids, "keys": ids,
		"account_ids": "{1,2}", "outcomes": "{duplicate,duplicate}", "reasons": "{duplicate,duplicate}",
		"after_hit_id": lowestIDText, "page": "1",
	}
	stages := []struct {
		name, statement string
	}{
		{"new", "SELECT"},
		{"analysed while empty", "VACUUM ANALYZE"},
		{"filled since", fill},
		{"analysed with rows", "VACUUM ANALYZE"},
	}
	for _, stage := range stages {
		b.exec(stage.statement)
		for _, name := range lookUps {
			arguments := values{}
			for _, parameter := range sqlfiles.Query(name).Parameters {
				arguments[parameter] = known[parameter]
			}
			scans := b.explain("COSTS OFF", name, arguments).scans()
			require.NotEmpty(t, scans, name)
			for _, scan := range scans {
				require.True(t, scan.byIndex(), "%s of tables that are %s: %+v", name, stage.name, scan)
			}
		}
	}
}

// fill inserts rows into every table of the record, of days before 2020 in daily tables.
const fill = `
	INSERT INTO hits (id, account_id, kind, received_at, outcome, request)
		SELECT ('00' || substr(md5(n::text), 3))::uuid, 1, 'postback', now(), 'waiting', '{}' FROM generate_series(1, 20000) n;
	INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at)
		SELECT ('00' || substr(md5('click' || n), 3))::uuid, 1, ('00' || substr(md5(n::text), 3))::uuid, 1, 1, now() FROM generate_series(1, 20000) n;
	INSERT INTO conversions (id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status,
			method, route, revenue, payout, currency, converted_at)
		SELECT md5('id' || n)::uuid, 1, md5(n::text)::uuid, md5(n::text)::uuid, 1, 1, 'conversion', 'approved',
			'postback', 'global', 1, 1, 'USD', now() FROM generate_series(1, 50000) n;
	INSERT INTO unique_orders (key, conversion_id) SELECT md5(n::text)::uuid, md5(n::text)::uuid FROM generate_series(1, 20000) n;
	INSERT INTO dead_letters (id, account_id, kind, outcome, reason, received_at, payload)
		SELECT md5(n::text)::uuid, 1, 'postback', 'rejected', 'unknown_offer', now(), '' FROM generate_series(1, 20000) n;
	INSERT INTO dead_letter_events (letter_id, event, account_id)
		SELECT md5(n::text)::uuid, 'died', 1 FROM generate_series(1, 20000) n;
	INSERT INTO failed_attempts (hit_id, transaction_id, account_id, kind, topic, attempt, error, failed_at, next_at)
		SELECT md5(n::text)::uuid, md5('click' || n)::uuid, 1, 'postback', 'postbacks', 1, 'x', now(), now() FROM generate_series(1, 20000) n;
	INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until)
		SELECT ('00' || substr(md5('click' || n), 3))::uuid, 1, ('00' || substr(md5(n::text), 3))::uuid, now() FROM generate_series(1, 20000) n`

// fillReference inserts rows into the tables of reference data.
const fillReference = `
	INSERT INTO accounts (name) SELECT 'filler' FROM generate_series(1, 100);
	INSERT INTO advertisers (account_id, name) SELECT a, 'x' FROM generate_series(1, 100) a;
	INSERT INTO publishers (account_id, name) SELECT a, 'x' FROM generate_series(1, 100) a, generate_series(1, 200);
	INSERT INTO offers (account_id, advertiser_id, name, destination, currency, payout, payout_is_percent, revenue, revenue_is_percent, window_seconds)
		SELECT a.account_id, a.id, 'x', 'https://x.example/', 'USD', 1, false, 1, false, 60 FROM advertisers a, generate_series(1, 200);
	INSERT INTO unique_order_offers (account_id, offer_id, state, began) SELECT account_id, id, 'on', 1 FROM offers;
	INSERT INTO tokens (account_id, digest) SELECT a, sha256((a || ' ' || n)::bytea) FROM generate_series(1, 100) a, generate_series(1, 200) n`

// A sender can cause these look-ups by inventing a name for each hit.
func TestReferenceDataIsLookedUpWithAnIndexWithAnyStatisticsOfTheTables(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.exec("VACUUM ANALYZE")
	many := "{" + strings.TrimSuffix(strings.Repeat("1,", 512), ",") + "}"
	digests := "{" + strings.TrimSuffix(strings.Repeat(`"\\x00",`, 512), ",") + "}"
	for _, stage := range []struct{ name, statement string }{
		{"filled since they were analysed", fillReference},
		{"analysed with rows", "VACUUM ANALYZE"},
	} {
		b.exec(stage.statement)
		for name, arguments := range map[string]values{
			"offers/find":     {"account_ids": many, "ids": many},
			"publishers/find": {"account_ids": many, "ids": many},
			"tokens/find":     {"digests": digests},
		} {
			for _, scan := range b.explainIn(b.db, "COSTS OFF", name, arguments).scans() {
				empty := scan.Relation == "offer_overrides" || scan.Relation == "offer_identity"
				require.True(t, empty || scan.byIndex(), "%s of tables that are %s: %+v", name, stage.name, scan)
			}
		}
	}
}

// Bounds that exclude nothing.
const (
	lowestIDText  = "00000000-0000-0000-0000-000000000000"
	highestIDText = "ffffffff-ffff-ffff-ffff-ffffffffffff"
)

func TestStatementsForPeopleReadNoWholeTable(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.day(noon)
	id := "{" + b.idAt(noon).String() + "," + b.idAt(noon).String() + "}"
	asked := map[string]values{
		"traces/hits":        {"ids": id},
		"traces/naming":      {"transaction_ids": id, "first_id": lowestIDText, "end_id": highestIDText},
		"traces/clicks":      {"transaction_ids": id, "first_hit": lowestIDText, "end_hit": highestIDText},
		"traces/conversions": {"transaction_ids": id, "ids": id},
		"dead_letters/settle": {"event": "undone", "act": lowestIDText, "actor": "ann", "note": "", "ids": id,
			"died_at": "{2026-03-14,2026-03-14}", "deaths": "{1,1}", "statuses": "{open,open}", "last_events": "{1,1}"},
		"dead_letters/events":      {"ids": id},
		"dead_letters/replay_ends": {"ids": id, "last_events": "{1,1}"},
		"traces/attempts":          {"ids": id, "transaction_ids": id},
	}
	b.exec("VACUUM ANALYZE")
	for _, stage := range []struct{ name, statement string }{
		{"filled since they were analysed", fill},
		{"analysed with rows", "VACUUM ANALYZE"},
	} {
		b.exec(stage.statement)
		for name, arguments := range asked {
			scans := b.explainIn(b.db, "COSTS OFF", name, arguments).scans()
			require.NotEmpty(t, scans, name)
			for _, scan := range scans {
				// Partitions for the next days are empty.
				empty := strings.HasPrefix(scan.Relation, "hits_2") || strings.HasPrefix(scan.Relation, "clicks_2") ||
					strings.HasSuffix(scan.Relation, "_from_2100")
				require.True(t, scan.Relation == "" || empty || scan.byIndex(), "%s of tables that are %s: %+v", name, stage.name, scan)
			}
		}
	}
}

// TestAPageOfDeadLettersInAnyStateReadsNoWholeTable, however many there are.
func TestAPageOfDeadLettersInAnyStateReadsNoWholeTable(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.day(noon)
	first := values{
		"ids": "{}", "statuses": "{}", "replayed": "", "silence": "3600", "act": nil, "account_id": "0", "reason": "", "kind": "", "offer_id": "0", "token_id": "0",
		"digest_prefix": nil, "advertiser_id": "0", "publisher_id": "0", "network": "", "text": nil, "text_of_error": nil, "since": nil, "until": nil,
		"after_died_at": nil, "after_id": nil, "page": "51",
	}
	next := maps.Clone(first)
	next["after_died_at"], next["after_id"] = "2026-03-14 12:00:00Z", lowestIDText
	b.exec("VACUUM ANALYZE")
	for _, stage := range []string{fill, "VACUUM ANALYZE"} {
		b.exec(stage)
		for _, name := range []string{"dead_letters/newest", "dead_letters/oldest"} {
			for _, page := range []values{first, next} {
				letters := 0
				for _, scan := range b.explainIn(b.db, "COSTS OFF", name, page).scans() {
					if scan.Relation == "dead_letters" {
						require.Equal(t, "dead_letters_in_order", scan.Index, "%s: %+v", name, scan)
						letters++
					}
				}
				require.Equal(t, 1, letters, name)
			}
		}
	}
}

func TestSweepReadsNoWholeTable(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	// Small tables that rare statements may read completely.
	whole := map[string]string{"ended_waits/with_click": "ended_waits", "waiting/delete_stale": "waiting_postbacks"}
	const at = "2026-03-14 12:00:00Z"
	id := b.idAt(time.Now()).String()
	for _, state := range []string{"SELECT", "VACUUM ANALYZE"} {
		b.exec(state)
		for name, arguments := range map[string]values{
			"waiting/due":          {"at": at, "after_end": at, "after_transaction_id": id, "after_hit_id": id, "page": "500"},
			"waiting/page":         {"after_transaction_id": id, "after_hit_id": id, "page": "500"},
			"hits/requests":        {"ids": "{" + id + "}"},
			"waiting/stop":         {"transaction_id": id, "hit_id": id, "end": at},
			"waiting/delete_stale": {"transaction_ids": "{" + id + "}", "hit_ids": "{" + id + "}", "ends": "{" + at + "}"},
			"ended_waits/with_click": {"first_click": lowestIDText, "last_click": highestIDText,
				"first_hit": lowestIDText, "last_hit": highestIDText},
		} {
			for _, scan := range b.explain("COSTS OFF", name, arguments).scans() {
				whole := whole[name] != "" && strings.HasPrefix(scan.Relation+scan.Index, whole[name])
				require.True(t, whole || scan.byIndex(), "%s: %+v", name, scan)
			}
		}
	}
}

func TestClicksAreLookedUpOnlyInThePartitionsOfTheirDays(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	var ids []string
	for _, day := range []int{0, 2} {
		id, _ := b.click(1, today.AddDate(0, 0, day).Add(time.Hour), "")
		ids = append(ids, id.String())
	}
	var read []string
	for _, scan := range b.explain("ANALYZE", "clicks/find", values{"transaction_ids": "{" + strings.Join(ids, ",") + "}"}).scans() {
		if scan.Loops > 0 {
			read = append(read, scan.Relation)
		}
	}
	require.ElementsMatch(t, []string{
		"clicks_" + today.Format("20060102"), "clicks_" + today.AddDate(0, 0, 2).Format("20060102"),
	}, read)
}
