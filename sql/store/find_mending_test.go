package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/search"
	"integr8/pipeline/hit"
	"integr8/pipeline/token"
)

// found is a day with 9,000 hits in some 1,600 pages, one of which has the order.
type found struct {
	*books
	day, order string
	span       search.Span
}

func openFound(t *testing.T) *found {
	t.Helper()
	b := openBooks(t)
	day := time.Now().UTC().Truncate(24 * time.Hour)
	f := &found{books: b, day: "hits" + day.Format("_20060102"), order: "order 7", span: search.Span{First: token.FirstID(day), End: token.FirstID(day.Add(24 * time.Hour))}}
	r := b.clickRecord(day.Add(time.Hour))
	r.Hit.Params = map[string]string{hit.ParamOrderID: f.order}
	var err error
	r.Request, err = r.Hit.Encode()
	require.NoError(t, err)
	b.write(r)
	b.exec(fmt.Sprintf(`INSERT INTO %[1]s
		SELECT (jsonb_populate_record(h, jsonb_build_object('id', overlay(h.id::text placing lpad(to_hex(n), 12, '0') from 25), 'find_order', n,
			'request', jsonb_build_object('padding', repeat('x', 1280))))).*
		FROM %[1]s AS h, generate_series(100, 9100) AS n`, f.day))
	b.exec("SELECT brin_summarize_new_values($1::text::regclass)", f.day+"_find")
	require.Greater(t, f.pages(), 1500)
	return f
}

func (f *found) pages() (pages int) {
	f.t.Helper()
	require.NoError(f.t, f.db.Get(&pages, "SELECT pg_relation_size($1::text::regclass) / current_setting('block_size')::int", f.day))
	return pages
}

// read returns how many pages of the day a search for what is not there reads.
func (f *found) read() int {
	f.t.Helper()
	session, err := f.db.Connx(f.t.Context())
	require.NoError(f.t, err)
	defer session.Close()
	var pages [2]int
	f.in(session, "SET enable_seqscan = off; SET max_parallel_workers_per_gather = 0; BEGIN")
	defer f.in(session, "ROLLBACK; RESET ALL")
	for i := range pages {
		require.NoError(f.t, session.GetContext(f.t.Context(), &pages[i], "SELECT pg_stat_get_xact_blocks_fetched($1::text::regclass)", f.day))
		f.in(session, "SELECT FROM "+f.day+" WHERE find_order = 1::bigint")
	}
	return pages[1] - pages[0]
}

func (f *found) in(session *sqlx.Conn, statement string) {
	f.t.Helper()
	_, err := session.ExecContext(context.WithoutCancel(f.t.Context()), statement)
	require.NoError(f.t, err)
}

// damage interrupts the summarising of the first range until a search reads the day. It
// reports whether it does: a later Postgres is not damaged so.
func (f *found) damage() bool {
	f.t.Helper()
	session, err := f.db.Connx(f.t.Context())
	require.NoError(f.t, err)
	defer session.Close()
	defer f.in(session, "RESET ALL")
	for try := range 400 {
		f.in(session, "SET statement_timeout = 0")
		f.in(session, "SELECT brin_desummarize_range('"+f.day+"_find', 0)")
		f.in(session, "SET statement_timeout = '5ms'")
		// A range is summarised within a fraction of a millisecond, the unit of the timeout.
		begun := 0.004 + float64(try%20)*0.00005
		_, err := session.ExecContext(f.t.Context(), "SELECT pg_sleep($1), brin_summarize_range($2::text::regclass, 0)", begun, f.day+"_find")
		if err != nil && f.read() > 1000 {
			return true
		}
	}
	return false
}

func (f *found) mended() (mended []string) {
	f.t.Helper()
	require.NoError(f.t, f.MendFindIndexes(f.t.Context(), false, func(index string) { mended = append(mended, index) }))
	return mended
}

func (f *found) requireFound() {
	f.t.Helper()
	hits, err := f.FindHits(f.t.Context(), search.Filter{OrderID: f.order}, f.span, 10)
	require.NoError(f.t, err)
	require.Len(f.t, hits, 1)
}

func TestASummaryThatWasInterruptedIsMended(t *testing.T) {
	t.Parallel()
	f := openFound(t)
	f.requireFound()
	require.Less(t, f.read(), 100)
	if !f.damage() {
		t.Log("this Postgres is not damaged by an interruption: that it is mended is not tested")
		f.exec("SELECT brin_summarize_new_values($1::text::regclass)", f.day+"_find")
		require.Empty(t, f.mended())
		return
	}
	f.requireFound()
	other, err := f.db.Connx(t.Context())
	require.NoError(t, err)
	defer other.Close()
	f.in(other, "SELECT pg_advisory_lock(hashtext('integr8 mending indexes'))")
	require.Empty(t, f.mended(), "while another does")
	f.in(other, "SELECT pg_advisory_unlock(hashtext('integr8 mending indexes'))")
	require.Equal(t, []string{f.day + "_find"}, f.mended())
	require.Less(t, f.read(), 100)
	f.requireFound()
	require.Empty(t, f.mended(), "it is sound now")
}

// TestOnlyADamagedIndexIsMadeAnew: ranges that have no summary yet get one.
func TestOnlyADamagedIndexIsMadeAnew(t *testing.T) {
	t.Parallel()
	f := openFound(t)
	require.Empty(t, f.mended())
	for page := 0; page < 800; page += 32 {
		f.exec("SELECT brin_desummarize_range($1::text::regclass, $2)", f.day+"_find", page)
	}
	require.Greater(t, f.read(), 700)
	require.Eventually(t, func() bool { // a day that Postgres vacuums just then is left to the next time
		require.Empty(t, f.mended())
		return f.read() < 100
	}, patience, 100*time.Millisecond)
	f.requireFound()
}
