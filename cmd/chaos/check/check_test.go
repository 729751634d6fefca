package check

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/cmd/chaos/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func (s *story) check() *Report {
	s.t.Helper()
	report, err := Run(context.Background(), s.db, s.world, s.entries)
	require.NoError(s.t, err)
	return report
}

func TestCheckerFindsNothingWhereAllIsRight(t *testing.T) {
	s := newStory(t)
	s.write()
	report := s.check()
	require.Empty(t, report.Violations)
	require.Equal(t, len(s.entries), report.Requests)
	require.Equal(t, 10, report.Conversions)
	require.Equal(t, 8, report.Duplicates)
	require.Equal(t, 2, report.OrderDuplicates)
	require.Equal(t, 1, report.Waiting)
	require.Equal(t, 4, report.Rejected)
	require.Equal(t, 1, report.Maybe)
	require.Zero(t, report.MaybeRecorded)
}

// converted selects, in statements, the id of a hit that converted and that has a
// duplicate, and duplicate such a duplicate.
const (
	converted = `(SELECT duplicate_of FROM hits WHERE outcome = 'duplicate' ORDER BY id LIMIT 1)`
	duplicate = `(SELECT id FROM hits WHERE outcome = 'duplicate' ORDER BY id LIMIT 1)`
	rejected  = `(SELECT id FROM hits WHERE outcome = 'rejected' ORDER BY id LIMIT 1)`
	clicked   = `(SELECT id FROM hits WHERE outcome = 'recorded' ORDER BY id LIMIT 1)`
	// madeUp is a new id of a time before 2020, for which there is always a partition.
	// One random id in a hundred belongs to a day that has none.
	madeUp = `('0000' || substr(gen_random_uuid()::text, 5))::uuid`
)

func TestCheckerFailsWhenOneRowIsRemovedDoubledOrAltered(t *testing.T) {
	s := newStory(t)
	for name, row := range map[string]struct {
		rule      Rule
		statement string
	}{
		"a converted hit is removed":   {Lost, `DELETE FROM hits WHERE id = ` + converted},
		"a duplicate hit is removed":   {Lost, `DELETE FROM hits WHERE id = ` + duplicate},
		"a rejected hit is removed":    {Lost, `DELETE FROM hits WHERE id = ` + rejected},
		"a click's hit is removed":     {Lost, `DELETE FROM hits WHERE id = ` + clicked},
		"a waiting hit is removed":     {Lost, `DELETE FROM hits WHERE outcome = 'waiting'`},
		"a conversion is removed":      {Lost, `DELETE FROM conversions WHERE id = ` + converted},
		"a click is removed":           {Lost, `DELETE FROM clicks WHERE hit_id = ` + clicked},
		"a dead letter is removed":     {WrongDeadLetter, `DELETE FROM dead_letters WHERE id = ` + rejected},
		"a place to wait is removed":   {WrongWait, `DELETE FROM waiting_postbacks`},
		"a leak is removed":            {WrongLeaks, `DELETE FROM token_leaks`},
		"a hit is doubled":             {Doubled, `ALTER TABLE hits DROP CONSTRAINT IF EXISTS hits_pkey; INSERT INTO hits SELECT (json_populate_record(h, json_build_object('id', ` + madeUp + `))).* FROM hits h WHERE id = ` + converted},
		"a hit is there twice":         {Doubled, `ALTER TABLE hits DROP CONSTRAINT IF EXISTS hits_pkey; INSERT INTO hits SELECT (json_populate_record(h, '{"account_id": 77}')).* FROM hits h WHERE id = ` + rejected},
		"a hit is made up":             {MadeUp, `INSERT INTO hits SELECT (json_populate_record(h, json_build_object('id', ` + madeUp + `, 'request', '{}'::json))).* FROM hits h WHERE id = ` + converted},
		"a click is doubled":           {Doubled, `INSERT INTO clicks SELECT (json_populate_record(c, '{"account_id": 77}')).* FROM clicks c WHERE hit_id = ` + clicked},
		"a click is made up":           {MadeUp, `INSERT INTO clicks SELECT (json_populate_record(c, json_build_object('transaction_id', ` + madeUp + `))).* FROM clicks c WHERE hit_id = ` + clicked},
		"a duplicate converts as well": {Doubled, `INSERT INTO conversions SELECT (json_populate_record(c, json_build_object('id', ` + duplicate + `, 'dedup_key', gen_random_uuid()))).* FROM conversions c WHERE id = ` + converted},
		"a rejected hit converts":      {MadeUp, `INSERT INTO conversions SELECT (json_populate_record(c, json_build_object('id', ` + rejected + `, 'dedup_key', gen_random_uuid()))).* FROM conversions c WHERE id = ` + converted},
		"a conversion is made up":      {MadeUp, `INSERT INTO conversions SELECT (json_populate_record(c, json_build_object('id', ` + madeUp + `, 'dedup_key', gen_random_uuid()))).* FROM conversions c WHERE id = ` + converted},
		"a dead letter is made up":     {WrongDeadLetter, `INSERT INTO dead_letters SELECT (json_populate_record(NULL::dead_letters, json_build_object('id', ` + madeUp + `, 'account_id', 1, 'kind', 'postback', 'outcome', 'failed', 'reason', 'handler_failed', 'error', '', 'received_at', now(), 'died_at', now(), 'deaths', 1, 'status', 'open', 'status_at', now(), 'payload', '', 'surplus', false, 'test', false))).*`},
		"a dead letter is doubled":     {Doubled, `ALTER TABLE dead_letters DROP CONSTRAINT IF EXISTS dead_letters_pkey CASCADE; INSERT INTO dead_letters (id, account_id, kind, outcome, reason, received_at, payload) SELECT id, 77, kind, outcome, reason, received_at, payload FROM dead_letters WHERE id = ` + rejected},
		"a duplicate has failed":       {WrongDeadLetter, `INSERT INTO dead_letters (id, account_id, kind, outcome, reason, received_at, payload) SELECT id, account_id, kind, 'failed', 'handler_failed', received_at, '' FROM hits WHERE id = ` + duplicate},
		"a place to wait is made up":   {WrongWait, `INSERT INTO waiting_postbacks SELECT transaction_id, account_id, id, now() FROM hits WHERE id = ` + duplicate},
		"a leak is counted twice":      {WrongLeaks, `UPDATE token_leaks SET clicks = 2`},
		"a payout is altered":          {WrongConversion, `UPDATE conversions SET payout = payout + 0.000001 WHERE id = ` + converted},
		"a revenue is altered":         {WrongConversion, `UPDATE conversions SET revenue = revenue * 2 WHERE id = ` + converted},
		"a currency is altered":        {WrongConversion, `UPDATE conversions SET currency = 'JPY' WHERE id = ` + converted},
		"an offer is altered":          {WrongConversion, `UPDATE conversions SET offer_id = 21 WHERE id = ` + converted},
		"a publisher is altered":       {WrongConversion, `UPDATE conversions SET publisher_id = 77 WHERE id = ` + converted},
		"a method is altered":          {WrongConversion, `UPDATE conversions SET method = 'pixel' WHERE id = ` + converted},
		"a route is altered":           {WrongConversion, `UPDATE conversions SET route = 'offer' WHERE id = ` + converted},
		"a conversion's click differs": {WrongConversion, `UPDATE conversions SET transaction_id = gen_random_uuid() WHERE id = ` + converted},
		"an order id is altered":       {WrongConversion, `UPDATE conversions SET order_id = 'C' WHERE order_id = 'B'`},
		"duplicate_of is altered":      {WrongDuplicate, `UPDATE hits SET duplicate_of = ` + rejected + ` WHERE id = ` + duplicate},
		"duplicate_of is removed":      {WrongDuplicate, `UPDATE hits SET duplicate_of = NULL WHERE id = ` + duplicate},
		"conversion_id is altered":     {WrongDuplicate, `UPDATE hits SET conversion_id = gen_random_uuid() WHERE id = ` + converted},
		"a duplicate's reason":         {WrongDuplicate, `UPDATE hits SET reason = 'duplicate_same_url' WHERE reason = 'duplicate_other_url'`},
		"a duplicate is rejected":      {WrongOutcome, `UPDATE hits SET outcome = 'rejected', reason = 'wrong_offer' WHERE id = ` + duplicate},
		"a reason is altered":          {WrongOutcome, `UPDATE hits SET reason = 'unknown_offer' WHERE id = ` + rejected},
		"an outcome is altered":        {WrongOutcome, `UPDATE hits SET outcome = 'failed' WHERE id = ` + rejected},
		"an account is altered":        {WrongOutcome, `UPDATE hits SET account_id = 77 WHERE id = ` + converted},
		"a hit's click differs":        {WrongOutcome, `UPDATE hits SET transaction_id = gen_random_uuid() WHERE id = ` + converted},
		"waiting is unmatched early":   {WrongOutcome, `UPDATE hits SET outcome = 'unmatched', reason = 'click_never_came' WHERE outcome = 'waiting'`},
		"a dead letter's reason":       {WrongDeadLetter, `UPDATE dead_letters SET reason = 'handler_failed' WHERE id = ` + rejected},
		"a dead letter's status":       {WrongDeadLetter, `UPDATE dead_letters SET status = 'resolved' WHERE id = ` + rejected},
		"a click's offer is altered":   {WrongClick, `UPDATE clicks SET offer_id = 12 WHERE hit_id = ` + clicked},
		"a click's sub_id is altered":  {WrongClick, `UPDATE clicks SET sub_id = 't' WHERE hit_id = ` + clicked},
	} {
		t.Run(name, func(t *testing.T) {
			s.rewrite()
			s.exec(row.statement)
			report := s.check()
			require.NotZero(t, report.Count(row.rule), "%v", report.Violations)
		})
	}
}

// TestCheckerForgetsNothingButTheRequestsOfTheForeignHost: a tenant whose requests are
// in no ledger may leave its own rows, and none under others' requests.
func TestCheckerForgetsNothingButTheRequestsOfTheForeignHost(t *testing.T) {
	s := newStory(t)
	s.world.ForeignHost = "pixel.foreign.example"
	defer func() { s.world.ForeignHost = "" }()
	made := `json_build_object('id', ` + madeUp + `, 'request', json_build_object('host', 'HOST'))`
	insert := `INSERT INTO hits SELECT (json_populate_record(h, ` + made + `)).* FROM hits h WHERE id = ` + rejected
	s.rewrite()
	s.exec(strings.ReplaceAll(insert, "HOST", s.world.ForeignHost))
	require.Empty(t, s.check().Violations)
	s.exec(strings.ReplaceAll(insert, "HOST", "track.example"))
	require.NotZero(t, s.check().Count(MadeUp))
	s.rewrite()
	s.exec(strings.ReplaceAll(insert, "HOST", s.world.ForeignHost))
	s.exec(`INSERT INTO conversions SELECT (json_populate_record(c, json_build_object('id', gen_random_uuid(), 'dedup_key', gen_random_uuid()))).*
		FROM conversions c WHERE id = ` + converted)
	require.NotZero(t, s.check().Count(MadeUp))
}

// TestCheckerTakesWhatWasNotAnsweredBothWays: a request whose answer was lost may have
// a row or none, but if it has one, everything about it must be right.
func TestCheckerTakesWhatWasNotAnsweredBothWays(t *testing.T) {
	s := newStory(t)
	lost := &s.entries[1] // the first postback: it makes the first conversion
	receipt := lost.Answer.Receipt
	s.write()
	lost.Answer = ledger.Answer{Fate: ledger.Unknown}
	report := s.check()
	require.Empty(t, report.Violations)
	require.Equal(t, 1, report.MaybeRecorded)

	s.exec(`UPDATE conversions SET payout = 3 WHERE id = $1`, receipt)
	require.Equal(t, 1, s.check().Count(WrongConversion))

	lost.Answer = ledger.Answer{Fate: ledger.NotSent}
	require.NotZero(t, s.check().Count(MadeUp), "what never left cannot have a row")
}

func TestCheckerTakesNoWrongAnswer(t *testing.T) {
	s := newStory(t)
	s.write()
	for name, alter := range map[string]func(*ledger.Entry){
		"a server error":             func(e *ledger.Entry) { e.Answer.Status = 500 },
		"a refusal":                  func(e *ledger.Entry) { e.Answer.Status = 400 },
		"503 without Retry-After":    func(e *ledger.Entry) { e.Answer.Status, e.Answer.Receipt = 503, "" },
		"200 without a receipt":      func(e *ledger.Entry) { e.Answer.Receipt = "" },
		"the receipt of another hit": func(e *ledger.Entry) { e.Answer.Receipt = "01890000-0000-7000-8000-000000000000" },
	} {
		t.Run(name, func(t *testing.T) {
			before := s.entries[1]
			defer func() { s.entries[1] = before }()
			alter(&s.entries[1])
			require.NotEmpty(t, s.check().Violations)
		})
	}
}
