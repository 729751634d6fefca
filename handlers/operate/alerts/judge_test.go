package alerts

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

var (
	end   = time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	whole = Subject{}
)

func ruleFor(condition Condition) Rule {
	defaults := usual[condition]
	return Rule{ID: 1, AccountID: 7, Condition: condition, WindowMinutes: 60, Percent: defaults.Percent, Least: defaults.Least}
}

// TestARuleBeginsAndEndsAnAlert at the limits that it names.
func TestARuleBeginsAndEndsAnAlert(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		condition     Condition
		now, before   Figures
		begins, stays bool // of an alert that is off, and of one that is on
	}{
		{RejectionRate, Figures{Postbacks: 50, Rejected: 25}, Figures{}, true, true},
		{RejectionRate, Figures{Postbacks: 50, Rejected: 24}, Figures{}, false, true},
		{RejectionRate, Figures{Postbacks: 50, Rejected: 20}, Figures{}, false, true},
		{RejectionRate, Figures{Postbacks: 50, Rejected: 19}, Figures{}, false, false},
		{RejectionRate, Figures{Postbacks: 49, Rejected: 49}, Figures{}, false, false},
		{RejectionRate, Figures{}, Figures{}, false, false},
		{ConversionDrop, Figures{Conversions: 9}, Figures{Conversions: 20}, true, true},
		{ConversionDrop, Figures{Conversions: 10}, Figures{Conversions: 20}, false, true},
		{ConversionDrop, Figures{Conversions: 12}, Figures{Conversions: 20}, false, false},
		{ConversionDrop, Figures{}, Figures{Conversions: 20}, true, true},
		{ConversionDrop, Figures{}, Figures{Conversions: 19}, false, false},
		{NoConversions, Figures{Clicks: 200}, Figures{}, true, true},
		{NoConversions, Figures{Clicks: 199}, Figures{}, false, true},
		{NoConversions, Figures{Clicks: 900, Conversions: 1}, Figures{}, false, false},
		{NoConversions, Figures{}, Figures{}, false, false},
		{NewReason, Figures{Rejected: 10}, Figures{}, true, true},
		{NewReason, Figures{Rejected: 9}, Figures{}, false, true},
		{NewReason, Figures{Rejected: 10}, Figures{Rejected: 1}, false, true},
		{NewReason, Figures{}, Figures{Rejected: 1}, false, false},
	} {
		name := fmt.Sprintf("%s %+v after %+v", test.condition, test.now, test.before)
		rule := ruleFor(test.condition)
		now, before := map[Subject]Figures{whole: test.now}, map[Subject]Figures{whole: test.before}
		found := rule.judge(now, before, nil, end)
		require.Equal(t, test.begins, len(found) == 1 && found[0].Begins, name)
		found = rule.judge(now, before, []Subject{whole}, end)
		require.Equal(t, test.stays, len(found) == 0, name)
	}
}

// TestFiguresAtTheLimitDoNotFlap: no figures both begin an alert and end it.
func TestFiguresAtTheLimitDoNotFlap(t *testing.T) {
	t.Parallel()
	for _, condition := range Conditions() {
		for percent := int64(1); percent < 100; percent += 7 {
			rule := ruleFor(condition)
			rule.Percent, rule.Least = percent, 3
			for n := range int64(40) {
				for m := range int64(40) {
					now := Figures{Clicks: n, Postbacks: n, Conversions: m, Rejected: m}
					before := Figures{Conversions: n, Rejected: n / 20}
					require.False(t, rule.holds(now, before) && rule.clears(now, before), "%+v %+v %+v", rule, now, before)
				}
			}
		}
	}
}

func TestAlertsThatAreOnAndHaveNoHitsAnyMoreEnd(t *testing.T) {
	t.Parallel()
	on := []Subject{{OfferID: 3}, {OfferID: 5}}
	rule := ruleFor(RejectionRate)
	rule.EachOffer = true
	found := rule.judge(nil, nil, on, end)
	require.Len(t, found, 2)
	require.False(t, found[0].Begins)
	require.Equal(t, "offer 3 of account 7: 0 of 0 postbacks were rejected in the 1h to 2026-03-14 15:00 UTC (alert from 50 %)", found[0].Text)
}

// TestManyAlertsAtOnceAreToldOfByOne, so that a broken import sends 20 e-mails and not
// thousands.
func TestManyAlertsAtOnceAreToldOfByOne(t *testing.T) {
	t.Parallel()
	rule := ruleFor(NoConversions)
	rule.EachOffer = true
	now := map[Subject]Figures{}
	for offer := range int64(1000) {
		now[Subject{OfferID: offer + 1}] = Figures{Clicks: 500}
	}
	found := rule.judge(now, nil, nil, end)
	require.Len(t, found, 1000)
	loud := 0
	for _, j := range found {
		if !j.Quiet {
			loud++
		}
	}
	require.Equal(t, toldAtOnce, loud)
	require.Contains(t, found[toldAtOnce-1].Text, "and 980 more")
}

func TestSumsAreThoseOfTheirSubject(t *testing.T) {
	t.Parallel()
	sums := []Sum{
		{OfferID: 1, Kind: hit.Click, Outcome: outcome.Recorded, Hits: 100, Bots: 30},
		{OfferID: 1, Kind: hit.Click, Outcome: outcome.Rejected, Reason: outcome.OfferPaused, Hits: 5},
		{OfferID: 1, Kind: hit.Postback, Outcome: outcome.Converted, Hits: 8},
		{OfferID: 1, Kind: hit.Pixel, Outcome: outcome.Duplicate, Reason: outcome.DuplicateOrder, Hits: 2},
		{OfferID: 2, Kind: hit.Clickless, Outcome: outcome.Rejected, Reason: outcome.OfferPaused, Hits: 3},
		{OfferID: 0, Kind: hit.Postback, Outcome: outcome.Unmatched, Reason: outcome.ClickNotYet, Hits: 4},
		{OfferID: 2, Kind: hit.Postback, Outcome: outcome.Waiting, Hits: 9},
	}
	one := ruleFor(RejectionRate)
	require.Equal(t, map[Subject]Figures{whole: {Clicks: 70, Postbacks: 17, Conversions: 8, Rejected: 7}}, one.subjects(sums))
	each := one
	each.EachOffer = true
	require.Equal(t, map[Subject]Figures{
		{OfferID: 1}: {Clicks: 70, Postbacks: 10, Conversions: 8},
		{OfferID: 2}: {Postbacks: 3, Rejected: 3},
	}, each.subjects(sums), "a hit without an offer is in no alert of an offer")
	reasons := ruleFor(NewReason)
	require.Equal(t, map[Subject]Figures{
		{Reason: outcome.OfferPaused}: {Postbacks: 3, Rejected: 3},
		{Reason: outcome.ClickNotYet}: {Postbacks: 4, Rejected: 4},
	}, reasons.subjects(sums), "of postbacks, not of clicks")
}

// TestANoticeIsTriedForHalfADay, ever more seldom.
func TestANoticeIsTriedForHalfADay(t *testing.T) {
	t.Parallel()
	at, tries := end, 0
	for attempts := 1; ; attempts++ {
		next := againAt(attempts, at)
		if next.IsZero() {
			break
		}
		require.True(t, next.After(at))
		require.LessOrEqual(t, next.Sub(at), longestPause)
		at, tries = next, tries+1
	}
	require.Equal(t, givenUpAfter-1, tries)
	require.Greater(t, at.Sub(end), 12*time.Hour)
}
