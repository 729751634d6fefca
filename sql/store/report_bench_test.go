package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/report"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// BenchmarkReport measures reports over the roll-ups of 30 days with 100 million hits: 20,000
// pairs of an offer and a publisher (400 offers, 1,000 publishers), each with clicks in 60
// and conversions in 14 quarter hours of each day. Setup takes minutes and 2 GB.
func BenchmarkReport(b *testing.B) {
	address := storetest.URL(b)
	opened, err := store.Open(address)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, opened.Close()) })
	const days = 30
	last := time.Now().UTC().Truncate(24 * time.Hour)
	first := last.AddDate(0, 0, -days)
	hits := fillRollups(b, address, first, last)
	b.Logf("%d million hits", hits/1e6)
	sumMonths(b, address, opened, first, last)

	london, err := time.LoadLocation("Europe/London")
	require.NoError(b, err)
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(b, err)
	for _, by := range []report.By{report.ByDay, report.ByOffer, "offer,publisher", "day,publisher"} {
		for _, zone := range []*time.Location{time.UTC, london, newYork} {
			b.Run(fmt.Sprintf("by=%s/zone=%s", by, strings.ReplaceAll(zone.String(), "/", "-")), func(b *testing.B) {
				from := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, zone)
				filter := report.Filter{From: from, To: from.AddDate(0, 0, days), Zone: zone}
				rows := 0
				for b.Loop() {
					found, err := report.Reports{Store: opened}.Count(b.Context(), filter, by)
					if err != nil {
						b.Fatal(err)
					}
					rows = len(found.Lines)
				}
				b.ReportMetric(float64(rows), "lines")
			})
		}
	}
}

// sumMonths adds each day to the months as housekeeping does when it has passed, with the
// tables vacuumed as autovacuum would.
func sumMonths(b *testing.B, address string, opened *store.Store, first, last time.Time) {
	b.Helper()
	db, err := sqlx.Open("postgres", address)
	require.NoError(b, err)
	defer db.Close()
	for day := first; day.Before(last); day = day.AddDate(0, 0, 1) {
		_, err := db.ExecContext(b.Context(), "UPDATE rollup_state SET folded_until = $1", day.Add(27*time.Hour))
		require.NoError(b, err)
		require.NoError(b, opened.MergeRollups(b.Context()))
		_, err = db.ExecContext(b.Context(), "VACUUM (ANALYZE) rollup_months")
		require.NoError(b, err)
	}
}

// fillRollups writes the roll-ups of whole days, for each grain, and returns how many hits
// they count.
func fillRollups(b *testing.B, address string, first, last time.Time) (hits int64) {
	b.Helper()
	db, err := sqlx.Open("postgres", address)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	db.SetMaxOpenConns(1) // the temporary tables are of one session
	for _, statement := range []string{
		`CREATE TEMP TABLE kinds (kind text, outcome text, reason text, currency text, slots integer, each bigint)`,
		`INSERT INTO kinds VALUES ('click', 'recorded', '', '', 60, 150), ('postback', 'converted', '', 'USD', 14, 14),
			('postback', 'duplicate', '', '', 2, 2), ('postback', 'rejected', 'offer_paused', '', 1, 1)`,
		// 16 different days of each kind: the quarter hours, and running sums of as many hits each.
		`CREATE TEMP TABLE days AS SELECT kind, outcome, reason, currency, version,
				array_agg(slot ORDER BY slot) AS slots, array_agg(place * each / slots ORDER BY slot) AS hits
			FROM (SELECT *, row_number() OVER (PARTITION BY kind, outcome, version ORDER BY slot) AS place
				FROM (SELECT k.*, version, slot::smallint, row_number() OVER (PARTITION BY kind, outcome, version ORDER BY random()) AS chosen
					FROM kinds k, generate_series(0, 15) AS version, generate_series(0, 95) AS slot) AS shuffled
				WHERE chosen <= slots) AS placed
			GROUP BY kind, outcome, reason, currency, version, slots, each`,
		`CREATE TEMP TABLE parties AS SELECT grain, offer, publisher, weight FROM (
				SELECT 3 AS grain, o AS offer, 1 + (o * 37 + p * 20) % 1000 AS publisher, 1 AS weight
					FROM generate_series(1, 400) AS o, generate_series(1, 50) AS p
				UNION ALL SELECT 2, o, 0, 50 FROM generate_series(1, 400) AS o
				UNION ALL SELECT 1, 0, p, 20 FROM generate_series(1, 1000) AS p
				UNION ALL SELECT 0, 0, 0, 20000) AS every`,
		fmt.Sprintf(`INSERT INTO rollups (day, grain, whole, account_id, offer_id, publisher_id, kind, outcome, reason, currency, slots, hits, revenue, payout)
			SELECT day, grain, true, 1, offer, publisher, kind, outcome, reason, currency, slots,
				ARRAY(SELECT n * weight FROM unnest(hits) AS n),
				CASE WHEN currency <> '' THEN ARRAY(SELECT n * weight * 4.25 FROM unnest(hits) AS n) END,
				CASE WHEN currency <> '' THEN ARRAY(SELECT n * weight * 2.5 FROM unnest(hits) AS n) END
			FROM generate_series('%s'::date, '%s'::date - 1, '1 day') AS day
			CROSS JOIN parties
			JOIN days ON version = (offer * 31 + publisher * 7 + extract(day FROM day)::integer) %% 16
			ORDER BY day, grain, kind -- as rows are written when a day has passed`,
			first.Format(time.DateOnly), last.Format(time.DateOnly)),
		fmt.Sprintf(`UPDATE rollup_state SET complete_from = '1970-01-01 00:00:00+00', months_until = '%s'`, first.Format(time.DateOnly)),
		`INSERT INTO accounts (id, name) VALUES (1, 'benchmark') ON CONFLICT DO NOTHING`,
		`VACUUM (ANALYZE) rollups`,
	} {
		_, err := db.ExecContext(b.Context(), statement)
		require.NoError(b, err, statement)
	}
	require.NoError(b, db.GetContext(b.Context(), &hits, "SELECT sum(hits[cardinality(hits)]) FROM rollups WHERE grain = 3"))
	return hits
}
