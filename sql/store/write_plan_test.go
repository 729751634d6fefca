package store

import (
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

var planNow = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// letterID is an id for each letter, in the order of the alphabet.
func letterID(letter byte) uuid.UUID { return uuid.UUID{15: letter} }

// decidedRecord is a record of that letter. Its transaction_id and its key are in the
// reverse order of the alphabet, and it came a second later than the letter before.
func decidedRecord(letter byte, o outcome.Outcome) *attribution.Record {
	r := &attribution.Record{
		Hit: &hit.Hit{ID: letterID(letter), TransactionID: token.TransactionID(letterID(-letter)),
			ReceivedAt: planNow.Add(time.Duration(letter)*time.Second - time.Hour)},
		Decision: attribution.Decision{Outcome: o, AccountID: 7, OfferID: 8, PublisherID: 9},
	}
	if o == outcome.Converted {
		r.Decision.Conversion = &attribution.Conversion{DedupKey: letterID(-letter), RulesAt: planNow}
	}
	return r
}

func onlyIfWaiting(r *attribution.Record) *attribution.Record { r.OnlyIfWaiting = true; return r }

func ofNoAccount(r *attribution.Record) *attribution.Record { r.Decision.AccountID = 0; return r }

func aDayOld(r *attribution.Record) *attribution.Record {
	r.Hit.ReceivedAt = r.Hit.ReceivedAt.AddDate(0, 0, -1)
	return r
}

// before is the earlier decision about the hit a.
func before(o outcome.Outcome, why outcome.Reason) *findings {
	return &findings{rules: &orderRules{}, decided: map[uuid.UUID]attribution.Decision{
		letterID('a'): {Outcome: o, Reason: why, AccountID: 7},
	}}
}

// lists returns the letters of the records of each list that is not empty.
func (r *rows) lists() map[string]string {
	lists := map[string]string{}
	for name, records := range map[string][]*attribution.Record{
		"conversions": r.conversions, "clicks": r.clicks, "new hits": r.newHits, "known hits": r.knownHits,
		"waits": r.waits, "ended waits": r.endedWaits, "may have died": r.mayHaveDied, "died": r.died, "resolved": r.resolved,
		"no waits": r.noWaits, "no ended waits": r.noEndedWaits,
	} {
		for _, record := range records {
			lists[name] += string(record.Hit.ID[15])
		}
	}
	return lists
}

func TestPlanNamesTheRowsOfEachTable(t *testing.T) {
	t.Parallel()
	nothing := &findings{rules: &orderRules{}}
	for name, test := range map[string]struct {
		records []*attribution.Record
		found   *findings
		want    map[string]string
	}{
		"new clicks, each table in the order of its key": {
			[]*attribution.Record{decidedRecord('b', outcome.Recorded), decidedRecord('a', outcome.Recorded), decidedRecord('c', outcome.Recorded)}, nothing,
			map[string]string{"clicks": "cba", "new hits": "abc"},
		},
		"new conversions, by key": {
			[]*attribution.Record{decidedRecord('a', outcome.Converted), decidedRecord('b', outcome.Converted)}, nothing,
			map[string]string{"conversions": "ba", "new hits": "ab"},
		},
		"a new dead letter": {
			[]*attribution.Record{decidedRecord('a', outcome.Rejected)}, nothing,
			map[string]string{"new hits": "a", "died": "a"},
		},
		"a hit whose row may have been dropped with its day": {
			[]*attribution.Record{aDayOld(decidedRecord('a', outcome.Rejected))}, nothing,
			map[string]string{"new hits": "a", "died": "a", "may have died": "a"},
		},
		"a hit whose dropped row may have left a dead letter": {
			[]*attribution.Record{aDayOld(decidedRecord('a', outcome.Converted))}, nothing,
			map[string]string{"new hits": "a", "conversions": "a", "may have died": "a", "resolved": "a"},
		},
		"a new wait, and one that has ended": {
			[]*attribution.Record{decidedRecord('a', outcome.Waiting), decidedRecord('b', outcome.Unmatched)}, nothing,
			map[string]string{"new hits": "ab", "waits": "a", "ended waits": "b", "died": "b"},
		},
		"a click that has come": {
			[]*attribution.Record{onlyIfWaiting(decidedRecord('a', outcome.Converted))}, before(outcome.Waiting, ""),
			map[string]string{"known hits": "a", "conversions": "a", "may have died": "a", "resolved": "a", "no waits": "a", "no ended waits": "a"},
		},
		"a click that has come when the wait had just ended": {
			[]*attribution.Record{onlyIfWaiting(decidedRecord('a', outcome.Converted))}, before(outcome.Unmatched, outcome.ClickNeverCame),
			map[string]string{"known hits": "a", "conversions": "a", "may have died": "a", "resolved": "a", "no waits": "a", "no ended waits": "a"},
		},
		"a wait that ends": {
			[]*attribution.Record{decidedRecord('a', outcome.Unmatched)}, before(outcome.Waiting, ""),
			map[string]string{"known hits": "a", "ended waits": "a", "may have died": "a", "died": "a", "no waits": "a"},
		},
		"a hit that waits no longer": {
			[]*attribution.Record{onlyIfWaiting(decidedRecord('a', outcome.Converted))}, before(outcome.Rejected, outcome.UnknownOffer),
			map[string]string{"may have died": "a"},
		},
		"a final outcome, which stays": {
			[]*attribution.Record{decidedRecord('a', outcome.Rejected)}, before(outcome.Converted, ""),
			map[string]string{"may have died": "a", "resolved": "a", "no waits": "a", "no ended waits": "a"},
		},
		"a replay that died of the same, in a process that does not know the account": {
			[]*attribution.Record{ofNoAccount(decidedRecord('a', outcome.Rejected))}, before(outcome.Rejected, outcome.UnknownOffer),
			map[string]string{"may have died": "a", "died": "a"},
		},
		"a failure, in a process that does not know the account": {
			[]*attribution.Record{ofNoAccount(decidedRecord('a', outcome.Failed))}, before(outcome.Waiting, ""),
			map[string]string{"known hits": "a", "may have died": "a", "died": "a", "no waits": "a", "no ended waits": "a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, plan(test.records, test.found, planNow).lists())
			for _, r := range test.records {
				require.NotZero(t, r.Decision.AccountID, "the account that is known stays")
			}
		})
	}
}

func TestPlanKeepsAFinalOutcome(t *testing.T) {
	t.Parallel()
	r := decidedRecord('a', outcome.Rejected)
	plan([]*attribution.Record{r}, before(outcome.Duplicate, outcome.DuplicateOrder), planNow)
	require.Equal(t, attribution.Decision{Outcome: outcome.Duplicate, Reason: outcome.DuplicateOrder, AccountID: 7}, r.Decision)
}

func TestPlanCountsLeaksByPlace(t *testing.T) {
	t.Parallel()
	var records []*attribution.Record
	for _, letter := range []byte("abcd") {
		r := decidedRecord(letter, outcome.Recorded)
		r.LeakedToken = 5
		records = append(records, r)
	}
	records[1].LeakedToken = 6
	records[2].LeakedToken = 0
	again := decidedRecord('e', outcome.Recorded)
	again.LeakedToken = 5
	found := &findings{rules: &orderRules{}, decided: map[uuid.UUID]attribution.Decision{again.Hit.ID: {Outcome: outcome.Waiting, AccountID: 7}}}
	require.Equal(t, []leak{
		{account: 7, offer: 8, publisher: 9, token: 5, clicks: 2, seenAt: records[3].Hit.ReceivedAt},
		{account: 7, offer: 8, publisher: 9, token: 6, clicks: 1, seenAt: records[1].Hit.ReceivedAt},
	}, plan(append(records, again), found, planNow).leaks)
}

func TestPlanGivesAnOrderToOneConversion(t *testing.T) {
	t.Parallel()
	always, ended, notYet := orderRule{always: true}, orderRule{before: planNow.Add(time.Second)}, orderRule{before: planNow}
	orders := map[byte]uuid.UUID{'a': letterID('O'), 'b': letterID('O'), 'c': letterID('P')}
	for name, test := range map[string]struct {
		rule      orderRule
		holders   map[uuid.UUID]uuid.UUID
		standing  map[uuid.UUID]bool
		want      string // conversions by key
		takes     string // conversions that take their order, by order
		repeatOf  byte   // of a
		repeatOfB byte
	}{
		"the first of two": {always, nil, nil, "ca", "ac", 0, 'a'},
		"none of a standing one": {always, map[uuid.UUID]uuid.UUID{letterID('O'): letterID('x')}, nil,
			"c", "c", 'x', 'x'},
		"a rule that has ended binds what came before": {ended, nil, nil, "ca", "ac", 0, 'a'},
		"a rule that does not bind yet":                {notYet, nil, nil, "cba", "ac", 0, 0},
		"one that stands is left to the insert":        {always, nil, map[uuid.UUID]bool{letterID('a'): true}, "cba", "bc", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			found := &findings{
				rules:    &orderRules{version: 3, offers: map[int64]orderRule{8: test.rule}},
				orders:   map[*attribution.Record]uuid.UUID{},
				holders:  map[uuid.UUID]uuid.UUID{},
				standing: map[uuid.UUID]bool{},
			}
			maps.Copy(found.holders, test.holders)
			maps.Copy(found.standing, test.standing)
			var records []*attribution.Record
			for _, letter := range []byte("cba") {
				r := decidedRecord(letter, outcome.Converted)
				records, found.orders[r] = append(records, r), orders[letter]
			}
			planned := plan(records, found, planNow)
			require.Equal(t, test.want, planned.lists()["conversions"])
			takes := ""
			for _, take := range planned.takes {
				takes += string(take.conversion[15])
			}
			require.Equal(t, test.takes, takes)
			require.Equal(t, test.repeatOf != 0 || test.repeatOfB != 0, planned.repeatsOrder)
			for letter, of := range map[byte]byte{'a': test.repeatOf, 'b': test.repeatOfB} {
				r := records['c'-letter]
				if of == 0 {
					require.Equal(t, outcome.Converted, r.Decision.Outcome)
					continue
				}
				require.Equal(t, outcome.Duplicate, r.Decision.Outcome)
				require.Equal(t, letterID(of), r.DuplicateOf)
			}
			require.Len(t, found.holders, len(test.holders), "the findings do not change")
			require.Len(t, found.standing, len(test.standing))
		})
	}
}
