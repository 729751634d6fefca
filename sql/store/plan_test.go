package store_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	sqlfiles "integr8/sql"
)

// plan is a node of what EXPLAIN answers as JSON.
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

// byIndex reports whether the node reads only what an index leads to.
func (p plan) byIndex() bool {
	return p.Type == "Bitmap Heap Scan" || strings.Contains(p.Type, "Index") && p.Condition != ""
}

// explain returns the plan that the sessions which decide hits use for a
// statement, whatever the arguments.
func (b *books) explain(options, name string, arguments ...string) plan {
	b.t.Helper()
	return b.explainIn(b.Deciding(), options, name, arguments...)
}

// explainIn returns the plan that a session of the pool uses for a statement.
func (b *books) explainIn(pool *sqlx.DB, options, name string, arguments ...string) plan {
	b.t.Helper()
	session, err := pool.Connx(b.t.Context())
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, session.Close()) }()
	_, err = session.ExecContext(b.t.Context(), "PREPARE asked AS "+sqlfiles.Query(name))
	require.NoError(b.t, err)
	var text []byte
	err = session.GetContext(b.t.Context(), &text,
		fmt.Sprintf("EXPLAIN (%s, FORMAT JSON) EXECUTE asked ('%s')", options, strings.Join(arguments, "', '")))
	require.NoError(b.t, err)
	_, err = session.ExecContext(b.t.Context(), "DEALLOCATE asked")
	require.NoError(b.t, err)
	var answer []struct{ Plan plan }
	require.NoError(b.t, json.Unmarshal(text, &answer))
	return answer[0].Plan
}

// lookUps are the statements that read what was written before, with what they
// take: ids or numbers.
var lookUps = map[string][]string{
	"find_clicks": {"ids"}, "find_waiting": {"ids", "id", "number"}, "find_decided": {"ids"}, "find_conversions": {"ids", "ids"}, "find_orders": {"ids"},
	"delete_waiting": {"ids", "ids"}, "delete_ended_waits": {"ids", "ids"}, "lock_dead_letters": {"ids"}, "resolve_dead_letters": {"ids", "numbers", "texts", "texts"},
}

func TestLookUpsGoThroughAnIndexWhateverIsKnownOfTheTables(t *testing.T) {
	b := openBooks(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	values := map[string]string{
		"ids":     "{" + b.idAt(today).String() + "," + b.idAt(today.Add(time.Hour)).String() + "}",
		"numbers": "{1,2}", "texts": "{duplicate,duplicate}",
		"id":     lowestIDText,
		"number": "1",
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
		for name, takes := range lookUps {
			var arguments []string
			for _, kind := range takes {
				arguments = append(arguments, values[kind])
			}
			scans := b.explain("COSTS OFF", name, arguments...).scans()
			require.NotEmpty(t, scans, name)
			for _, scan := range scans {
				require.True(t, scan.byIndex(), "%s of tables that are %s: %+v", name, stage.name, scan)
			}
		}
	}
}

// fill gives every table of the record rows, of days before 2020 where there are days.
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
	INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until)
		SELECT ('00' || substr(md5('click' || n), 3))::uuid, 1, ('00' || substr(md5(n::text), 3))::uuid, now() FROM generate_series(1, 20000) n`

// fillReference gives the tables of reference data rows.
const fillReference = `
	INSERT INTO accounts (name) SELECT 'filler' FROM generate_series(1, 100);
	INSERT INTO advertisers (account_id, name) SELECT a, 'x' FROM generate_series(1, 100) a;
	INSERT INTO publishers (account_id, name) SELECT a, 'x' FROM generate_series(1, 100) a, generate_series(1, 200);
	INSERT INTO offers (account_id, advertiser_id, name, destination, currency, payout, payout_is_percent, revenue, revenue_is_percent, window_seconds)
		SELECT a.account_id, a.id, 'x', 'https://x.example/', 'USD', 1, false, 1, false, 60 FROM advertisers a, generate_series(1, 200);
	INSERT INTO unique_order_offers (account_id, offer_id, state, began) SELECT account_id, id, 'on', 1 FROM offers;
	INSERT INTO tokens (account_id, digest) SELECT a, sha256((a || ' ' || n)::bytea) FROM generate_series(1, 100) a, generate_series(1, 200) n`

// Whoever makes up a name for each hit has it looked up.
func TestReferenceDataIsLookedUpThroughAnIndexWhateverIsKnownOfTheTables(t *testing.T) {
	b := openBooks(t)
	b.exec("VACUUM ANALYZE")
	many := "{" + strings.TrimSuffix(strings.Repeat("1,", 512), ",") + "}"
	digests := "{" + strings.TrimSuffix(strings.Repeat(`"\\x00",`, 512), ",") + "}"
	for _, stage := range []struct{ name, statement string }{
		{"filled since they were analysed", fillReference},
		{"analysed with rows", "VACUUM ANALYZE"},
	} {
		b.exec(stage.statement)
		for name, arguments := range map[string][]string{
			"find_offers": {many, many}, "find_publishers": {many, many}, "find_tokens": {digests},
		} {
			for _, scan := range b.explainIn(b.db, "COSTS OFF", name, arguments...).scans() {
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

func TestWhatPeopleAskForReadsNoTableAsAWhole(t *testing.T) {
	b := openBooks(t)
	b.day(noon)
	id := "{" + b.idAt(noon).String() + "," + b.idAt(noon).String() + "}"
	asked := map[string][]string{
		"trace_hits": {id}, "trace_naming": {id, lowestIDText, highestIDText}, "trace_clicks": {id, lowestIDText, highestIDText}, "trace_conversions": {id, id},
		"settle_dead_letters": {"undone", lowestIDText, "ann", "", id, "{2026-03-14,2026-03-14}", "{1,1}", "{open,open}", "{1,1}"},
		"dead_letter_events":  {id}, "replay_ends": {id, "{1,1}"},
	}
	b.exec("VACUUM ANALYZE")
	for _, stage := range []struct{ name, statement string }{
		{"filled since they were analysed", fill},
		{"analysed with rows", "VACUUM ANALYZE"},
	} {
		b.exec(stage.statement)
		for name, arguments := range asked {
			scans := b.explainIn(b.db, "COSTS OFF", name, arguments...).scans()
			require.NotEmpty(t, scans, name)
			for _, scan := range scans {
				// Partitions that stand ready for the next days hold nothing to read.
				empty := strings.HasPrefix(scan.Relation, "hits_2") || strings.HasPrefix(scan.Relation, "clicks_2") ||
					strings.HasSuffix(scan.Relation, "_from_2100")
				require.True(t, scan.Relation == "" || empty || scan.byIndex(), "%s of tables that are %s: %+v", name, stage.name, scan)
			}
		}
	}
}

func TestSweepReadsNoTableAsAWhole(t *testing.T) {
	b := openBooks(t)
	// Small tables that rare statements may read as a whole.
	whole := map[string]string{"unmatched_with_click": "ended_waits", "delete_stale_waits": "waiting_postbacks"}
	id := b.idAt(time.Now()).String()
	for _, state := range []string{"SELECT", "VACUUM ANALYZE"} {
		b.exec(state)
		for name, arguments := range map[string][]string{
			"find_due":             {"2026-03-14 12:00:00Z", "2026-03-14 12:00:00Z", id, id, "500"},
			"find_waiting_page":    {id, id, "500"},
			"find_requests":        {"{" + id + "}"},
			"stop_waiting":         {id, id, "2026-03-14 12:00:00Z"},
			"delete_stale_waits":   {"{" + id + "}", "{" + id + "}", "{2026-03-14 12:00:00Z}"},
			"unmatched_with_click": {lowestIDText, highestIDText, lowestIDText, highestIDText},
		} {
			for _, scan := range b.explain("COSTS OFF", name, arguments...).scans() {
				whole := whole[name] != "" && strings.HasPrefix(scan.Relation+scan.Index, whole[name])
				require.True(t, whole || scan.byIndex(), "%s: %+v", name, scan)
			}
		}
	}
}

func TestClicksAreLookedUpInThePartitionsOfTheirDaysAlone(t *testing.T) {
	b := openBooks(t)
	today := time.Now().UTC().Truncate(24 * time.Hour)
	var ids []string
	for _, day := range []int{0, 2} {
		id, _ := b.click(1, today.AddDate(0, 0, day).Add(time.Hour), "")
		ids = append(ids, id.String())
	}
	var read []string
	for _, scan := range b.explain("ANALYZE", "find_clicks", "{"+strings.Join(ids, ",")+"}").scans() {
		if scan.Loops > 0 {
			read = append(read, scan.Relation)
		}
	}
	require.ElementsMatch(t, []string{
		"clicks_" + today.Format("20060102"), "clicks_" + today.AddDate(0, 0, 2).Format("20060102"),
	}, read)
}
