package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/retention"
	"integr8/handlers/operate/rollup"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// rollUp counts the rows that a test wrote itself, of a period.
func (b *books) rollUp(from, to time.Time) {
	b.t.Helper()
	_, err := rollup.Rollups{Store: b.Store}.Rebuild(b.t.Context(), from, to, nil)
	require.NoError(b.t, err)
}

// foldedUntil pretends that the roll-ups were folded until a time, and the days before it
// added to the months.
func (b *books) foldedUntil(at time.Time) {
	b.t.Helper()
	b.exec("UPDATE rollup_state SET folded_until = $1, months_until = $2", at, at.UTC().Format(time.DateOnly))
}

func (b *books) merge() {
	b.t.Helper()
	require.NoError(b.t, b.MergeRollups(b.t.Context()))
}

// requireRollupsEqualRows compares each quarter hour that has rows, and the total.
func (b *books) requireRollupsEqualRows() {
	b.t.Helper()
	var quarters []time.Time
	require.NoError(b.t, b.db.Select(&quarters, `SELECT DISTINCT date_bin('15 minutes', at, 'epoch') FROM (
		SELECT received_at FROM hits UNION ALL SELECT minute FROM rollup_minutes UNION ALL SELECT minute FROM rollup_deltas) AS a (at)`))
	for _, quarter := range quarters {
		found, total, err := b.RollupDifferences(b.t.Context(), quarter.UTC(), 10)
		require.NoError(b.t, err)
		require.Zero(b.t, total, "%s: %+v", quarter, found)
		found, total, err = b.RollupMonthDifferences(b.t.Context(), quarter.UTC(), 10)
		require.NoError(b.t, err)
		require.Zero(b.t, total, "%s: %+v", quarter, found)
	}
	var counted int
	require.NoError(b.t, b.db.Get(&counted, `SELECT coalesce(sum(hits), 0) FROM (
		SELECT hits[cardinality(hits)] FROM rollups WHERE grain = 3 UNION ALL
		SELECT hits FROM rollup_minutes WHERE minute >= (SELECT folded_until FROM rollup_state) UNION ALL
		SELECT hits FROM rollup_deltas) AS s (hits)`))
	require.Equal(b.t, b.count("hits"), counted)
}

// rejected is a postback of that time that was rejected, and can be decided again.
func (b *books) rejected(at time.Time, reason outcome.Reason) *attribution.Record {
	r := b.clickRecord(at)
	r.Hit.Kind = hit.Postback
	r.Decision.Outcome, r.Decision.Reason = outcome.Rejected, reason
	return r
}

// converts decides a hit anew, which converts.
func converts(r *attribution.Record) *attribution.Record {
	again := *r
	again.Decision.Outcome, again.Decision.Reason = outcome.Converted, outcome.NoReason
	again.Decision.Conversion = &attribution.Conversion{DedupKey: r.Hit.ID, Event: attribution.BaseEvent, Status: attribution.Approved,
		Method: r.Hit.Kind, Revenue: decimal.RequireFromString("4.10"), Payout: decimal.RequireFromString("2.55"), Currency: "USD"}
	return &again
}

func quarterOf(at time.Time) report.Filter {
	return report.Filter{From: at.Truncate(report.Quarter), To: at.Truncate(report.Quarter).Add(report.Quarter)}
}

func (b *books) hitsOf(filter report.Filter) map[outcome.Outcome]int64 {
	b.t.Helper()
	counts, err := b.ReportHits(b.t.Context(), filter)
	require.NoError(b.t, err)
	found := map[outcome.Outcome]int64{}
	for _, count := range counts {
		found[count.Outcome] += count.Hits
	}
	return found
}

// TestADecisionCorrectsTheHourOfItsHit wherever its sums are by then: still a delta, by
// minute, folded, or summed up for the whole day.
func TestADecisionCorrectsTheHourOfItsHit(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(b *books){
		"as a delta":   func(*books) {},
		"by minute":    func(b *books) { b.foldedUntil(time.Now().Truncate(time.Hour)); b.merge() },
		"folded":       func(b *books) { b.foldedUntil(noon.Add(-time.Hour)); b.merge() },
		"of the whole": func(b *books) { b.foldedUntil(noon.Add(-time.Hour)); b.merge(); b.merge() },
		"of the day, before it is in its month": func(b *books) {
			b.foldedUntil(noon.Add(-time.Hour))
			b.merge()
			b.exec("TRUNCATE rollup_months")
			b.exec("UPDATE rollup_state SET months_until = '2026-03-14'")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openBooks(t)
			b.party(1)
			first, second := b.rejected(noon, outcome.OfferPaused), b.rejected(noon.Add(20*time.Minute), outcome.OfferPaused)
			b.write(first, second)
			require.Equal(t, map[outcome.Outcome]int64{outcome.Rejected: 1}, b.hitsOf(quarterOf(noon)))
			between(b)
			b.write(converts(first))
			for range 2 { // before and after the correction is merged
				require.Equal(t, map[outcome.Outcome]int64{outcome.Converted: 1}, b.hitsOf(quarterOf(noon)))
				require.Equal(t, map[outcome.Outcome]int64{outcome.Rejected: 1}, b.hitsOf(quarterOf(noon.Add(20*time.Minute))))
				require.Equal(t, map[outcome.Outcome]int64{outcome.Converted: 1, outcome.Rejected: 1}, b.hitsOf(aDay), "a whole day")
				require.Equal(t, map[outcome.Outcome]int64{outcome.Converted: 1, outcome.Rejected: 1},
					b.hitsOf(report.Filter{From: aDay.From.Add(report.Quarter), To: aDay.To.Add(report.Quarter)}), "parts of two days")
				lines, err := b.Report(t.Context(), aDay, "hour,publisher")
				require.NoError(t, err)
				require.Len(t, lines, 1)
				require.Equal(t, "2026-03-14T12:00:00Z", lines[0].Label)
				require.EqualValues(t, 3, lines[0].Second.PartyID)
				require.Equal(t, []takings{{"USD", "4.1", "2.55", "1.55"}}, money(lines[0]))
				for _, period := range []report.Filter{aDay, {From: aDay.From.AddDate(0, -1, 0), To: aDay.To.AddDate(0, 1, 0)}} {
					lines, err = b.Report(t.Context(), period, "offer,publisher")
					require.NoError(t, err)
					require.Len(t, lines, 1, "a day and months")
					require.Equal(t, []takings{{"USD", "4.1", "2.55", "1.55"}}, money(lines[0]))
				}
				b.requireRollupsEqualRows()
				b.merge()
			}
		})
	}
}

// TestAWriterNeverWaitsForTheRollupsOfAnother, of the same minute and offer, nor for those
// that merge them.
func TestAWriterNeverWaitsForTheRollupsOfAnother(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.write(b.rejected(noon, outcome.OfferPaused))
	const same = `INSERT INTO rollup_deltas SELECT * FROM rollup_deltas LIMIT 1`
	other, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	_, err = other.Exec(same)
	require.NoError(t, err)
	merging, err := b.db.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	_, err = merging.Exec("DELETE FROM rollup_deltas")
	require.NoError(t, err)

	b.write(b.rejected(noon, outcome.OfferPaused)) // would wait for ever
	require.NoError(t, merging.Rollback())
	b.merge()
	require.NoError(t, other.Rollback())
	b.requireRollupsEqualRows()
}

// TestMergingNeverLosesNorDoubles what a reader counts at any moment, while hits are
// written.
func TestMergingNeverLosesNorDoubles(t *testing.T) {
	t.Parallel()
	const rounds = 60
	b := openBooks(t)
	b.foldedUntil(noon.Add(-48 * time.Hour))
	period := report.Filter{From: noon.Add(-48 * time.Hour), To: noon.Add(48 * time.Hour)}
	var mu sync.Mutex
	begun, written := int64(0), int64(0)
	over := make(chan struct{})
	var writing, others sync.WaitGroup
	writing.Go(func() {
		for i := range rounds {
			mu.Lock()
			begun++
			mu.Unlock()
			record := b.rejected(noon.Add(time.Duration(i)*37*time.Minute), outcome.OfferPaused)
			if !noFailure(t, "a writer", b.Write(t.Context(), []*attribution.Record{record})) {
				return
			}
			mu.Lock()
			written++
			mu.Unlock()
		}
	})
	until := func(who string, do func() error) {
		others.Go(func() {
			for {
				if !noFailure(t, who, do()) {
					return
				}
				select {
				case <-over:
					return
				default:
				}
			}
		})
	}
	until("housekeeping", func() error {
		// What has been folded is folded again later, so that all steps are taken.
		return b.MergeRollups(t.Context())
	})
	until("a reader", func() error {
		mu.Lock()
		least := written
		mu.Unlock()
		counts, err := b.ReportHits(t.Context(), period)
		mu.Lock()
		most := begun
		mu.Unlock()
		sum := int64(0)
		for _, count := range counts {
			sum += count.Hits
		}
		if err == nil && (sum < least || sum > most) {
			t.Errorf("counted %d hits, of which between %d and %d were written", sum, least, most)
		}
		return err
	})
	writing.Wait()
	close(over)
	others.Wait()
	b.merge()
	require.EqualValues(t, rounds, b.hitsOf(period)[outcome.Rejected])
	b.requireRollupsEqualRows()
	require.Zero(t, b.count("rollup_deltas"))
	require.Zero(t, b.count("rollups WHERE NOT whole"), "the day has one row a key")
}

// TestHitsThatAreDeletedOrCannotBeReadAreRolledUp, which Write does not do.
func TestHitsThatAreDeletedOrCannotBeReadAreRolledUp(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	junk := b.rejected(noon, outcome.UnknownToken)
	junk.Hit.Surplus = true
	waiting := b.rejected(noon, outcome.ClickNotYet)
	waiting.Decision.Outcome, waiting.WaitsUntil = outcome.Waiting, noon.Add(time.Hour)
	b.write(junk, waiting)
	b.exec("UPDATE dead_letters SET died_at = now() - interval '400 days'")
	forgotten, err := b.ForgetDeadLetters(t.Context(), retention.Times{retention.UnknownTokenDeadLetters: 100 * 24 * time.Hour})
	require.NoError(t, err)
	require.EqualValues(t, 1, forgotten.Surplus)
	require.NoError(t, b.DeadLetterWait(t.Context(), attribution.Wait{TransactionID: waiting.Hit.TransactionID.UUID(), HitID: waiting.Hit.ID}, "unreadable"))
	require.Equal(t, map[outcome.Outcome]int64{outcome.Failed: 1}, b.hitsOf(quarterOf(noon)))
	b.requireRollupsEqualRows()
}

func TestAReportDoesNotCountClicksOfBots(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	bot := b.clickRecord(noon)
	bot.Bot = true
	b.write(bot, b.clickRecord(noon))
	b.foldedUntil(noon.Add(-time.Hour))
	for range 3 {
		lines, err := b.Report(t.Context(), aDay, report.ByOffer)
		require.NoError(t, err)
		require.EqualValues(t, 1, lines[0].Clicks)
		require.Equal(t, map[outcome.Outcome]int64{outcome.Recorded: 2}, b.hitsOf(aDay))
		b.requireRollupsEqualRows()
		b.merge()
	}
}

// TestACheckFindsWhatWasTamperedWith and counting anew corrects it, in any of the tables.
func TestACheckFindsWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	for _, tampering := range []string{
		"UPDATE rollups SET payout = payout[1:cardinality(payout) - 1] || payout[cardinality(payout)] + 0.01 WHERE payout IS NOT NULL AND grain = 2",
		"UPDATE rollups SET hits = ARRAY(SELECT h + 1 FROM unnest(hits) h) WHERE grain = 3",
		"DELETE FROM rollups WHERE grain = 0",
		"UPDATE rollup_months SET payout = ARRAY(SELECT p + 0.01 FROM unnest(payout) p) WHERE payout IS NOT NULL",
		"DELETE FROM rollup_months",
		"INSERT INTO rollup_deltas SELECT minute, account_id, offer_id, publisher_id, kind, outcome, reason, currency, 0, 0, 0.000001, 0 FROM rollup_minutes LIMIT 1",
	} {
		t.Run(tampering, func(t *testing.T) {
			t.Parallel()
			b := openBooks(t)
			b.foldedUntil(noon.Add(-time.Hour))
			first := b.rejected(noon, outcome.OfferPaused)
			b.write(first, b.clickRecord(noon.Add(16*time.Minute)))
			b.write(converts(first))
			b.merge()
			b.exec("INSERT INTO rollup_minutes SELECT '2026-03-14 12:00+00', 1, 2, 3, 'click', 'recorded', '', '', 0, 0, 0, 0") // counts nothing
			rollups := rollup.Rollups{Store: b.Store}
			checked, err := rollups.Check(t.Context(), noon, noon.Add(time.Hour), nil)
			require.NoError(t, err)
			require.Zero(t, checked.Total, "%+v", checked.Differences)

			b.exec(tampering)
			checked, err = rollups.Check(t.Context(), noon, noon.Add(time.Hour), nil)
			require.NoError(t, err)
			require.NotZero(t, checked.Total)
			require.Len(t, checked.Differences, checked.Total)
			b.rollUp(noon, noon.Add(time.Hour))
			b.requireRollupsEqualRows()
		})
	}
}

// TestRowsFromBeforeTheRollupsAreCountedByARebuild, while hits of that time are decided
// anew.
func TestRowsFromBeforeTheRollupsAreCountedByARebuild(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	first := b.rejected(noon, outcome.OfferPaused)
	b.write(first, b.rejected(noon.Add(40*time.Minute), outcome.OfferPaused), b.clickRecord(noon))
	b.exec("TRUNCATE rollup_deltas")
	b.exec("UPDATE rollup_state SET complete_from = $1", noon.Add(70*time.Minute))
	b.write(converts(first))
	reports := report.Reports{Store: b.Store}
	before, err := reports.Count(t.Context(), aDay, report.ByOffer)
	require.NoError(t, err)
	require.Empty(t, before.Lines)
	require.Equal(t, noon.Add(75*time.Minute), *before.CountedFrom)

	var steps []int64
	rebuilt, err := rollup.Rollups{Store: b.Store}.Rebuild(t.Context(), time.Time{}, time.Time{}, func(done, total int64) { steps = append(steps, total-done) })
	require.NoError(t, err)
	require.NotZero(t, rebuilt.Corrected)
	require.Equal(t, []int64{4, 3, 2, 1, 0}, steps)
	b.requireRollupsEqualRows()
	after, err := reports.Count(t.Context(), aDay, report.ByOffer)
	require.NoError(t, err)
	require.Nil(t, after.CountedFrom)
	require.EqualValues(t, 1, after.Total.Clicks)
	require.EqualValues(t, 1, after.Total.Conversions)
}
