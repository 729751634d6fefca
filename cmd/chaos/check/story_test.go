package check

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/lib/pq"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/model"
	"integr8/sql/store/storetest"
)

// story is a small ledger and the database that belongs to it.
type story struct {
	t       *testing.T
	world   *model.World
	entries []ledger.Entry
	db      *sql.DB
	start   time.Time
}

const (
	accountA, accountB   = 1, 2
	fixed, share, repeat = 11, 12, 13
	once                 = 14
	foreign              = 21
	publisherA           = 31
	globalA, offerA      = "token of account A", "token of the fixed offer"
	globalB              = "token of account B"
	pixelHost            = "pixel.example"
)

func amountOf(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// newStory has every kind of request and answer once or twice.
func newStory(t *testing.T) *story {
	t.Helper()
	db, err := sql.Open("postgres", storetest.URL(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	terms := func(text string) model.Terms { return model.Terms{Amount: amountOf(text)} }
	s := &story{t: t, db: db, start: time.Now().Add(-time.Minute).Truncate(time.Microsecond), world: &model.World{
		Secret: "a secret of the test", LateClicks: time.Hour,
		Offers: map[int64]*model.Offer{
			fixed:   {Account: accountA, Currency: "USD", Payout: terms("2.5"), Revenue: terms("4")},
			share:   {Account: accountA, Currency: "EUR", Payout: model.Terms{Amount: amountOf("50"), Percent: true}, Revenue: terms("9")},
			repeat:  {Account: accountA, Currency: "USD", Payout: terms("1"), Revenue: terms("2"), Many: true},
			once:    {Account: accountA, Currency: "USD", Payout: terms("3"), Revenue: terms("5"), UniqueOrders: true},
			foreign: {Account: accountB, Currency: "USD", Payout: terms("1"), Revenue: terms("2")},
		},
		Publishers: map[int64]*model.Publisher{publisherA: {Account: accountA}},
		Tokens: map[string]model.Token{globalA: {Account: accountA}, offerA: {Account: accountA, Offer: fixed},
			globalB: {Account: accountB}},
		Domains: map[string]int64{pixelHost: accountA},
	}}

	first := s.click(fixed)
	s.postback("/", globalA, first)
	s.postback("/postback", offerA, first)
	s.postback("/", globalA, first)
	s.postback("/", globalB, first) // another account's click
	percent := s.click(share)
	s.postback("/", globalA, percent, "revenue", "10.01")
	s.postback("/", globalA, percent) // names no revenue
	many := s.click(repeat)
	s.postback("/", globalA, many, "order_id", "A")
	s.postback("/", globalA, many, "order_id", "B")
	s.postback("/", globalA, many, "order_id", "A")
	s.postback("/", globalA, s.world.Mint(s.start)) // its click never came
	s.postback("/", globalA, "{clickid}")
	s.postback("/", "no token of ours", first)
	s.add(ledger.Request{Path: "/pixel", Host: pixelHost}, http.StatusOK, "secure", offerA, "transaction_id", s.click(fixed))
	s.add(ledger.Request{Path: "/clickless"}, http.StatusOK, "secure", offerA, "publisher", fmt.Sprint(publisherA),
		"external_transaction_id", "E1", "payout", "1.25")
	s.add(ledger.Request{Path: "/clickless"}, http.StatusOK, "secure", globalA, "offer", fmt.Sprint(fixed),
		"publisher", fmt.Sprint(publisherA), "external_transaction_id", "E1")
	s.add(ledger.Request{Path: "/clickless"}, http.StatusOK, "secure", offerA, "publisher", fmt.Sprint(publisherA))
	s.add(ledger.Request{Path: "/"}, http.StatusBadRequest, "transaction_id", first) // names no token: no row
	s.add(ledger.Request{Path: "/click"}, http.StatusFound, "offer", fmt.Sprint(fixed), "publisher", fmt.Sprint(publisherA), "secure", globalA)
	s.contestOrder()
	s.unanswered(ledger.NotSent, first)
	s.unanswered(ledger.Unknown, first) // never arrived
	return s
}

// contestOrder makes three ways in claim an order. One of the clicks that do not get it
// converts without an order, and the same order_id of another offer is another order.
func (s *story) contestOrder() {
	holder, loser, other := s.click(once), s.click(once), s.click(fixed)
	s.postback("/", globalA, holder, "order_id", "X")
	s.postback("/", globalA, loser, "order_id", "X")
	s.add(ledger.Request{Path: "/clickless"}, http.StatusOK, "secure", globalA, "offer", fmt.Sprint(once),
		"publisher", fmt.Sprint(publisherA), "order_id", "X")
	s.postback("/", globalA, holder, "order_id", "X")
	s.postback("/", globalA, loser)
	s.postback("/", globalA, loser, "order_id", "X")
	s.postback("/", globalA, other, "order_id", "X")
}

func (s *story) add(request ledger.Request, status int, params ...string) *ledger.Entry {
	request.Seq = int64(len(s.entries) + 1)
	request.SentAt = s.start.Add(time.Duration(request.Seq) * time.Second)
	request.Method = http.MethodGet
	for i := 0; i < len(params); i += 2 {
		request.Params = append(request.Params, ledger.Pair{Name: params[i], Value: params[i+1]})
	}
	entry := ledger.Entry{Request: request, Answer: ledger.Answer{Fate: ledger.Answered, Status: status}}
	if s.world.At(request).Recorded {
		entry.Answer.Receipt = uuid.Must(uuid.NewV7()).String()
	}
	if status == http.StatusFound {
		entry.Answer.Location = "https://shop.example/?" + DestinationParam + "=" + s.world.Mint(request.SentAt)
	}
	s.entries = append(s.entries, entry)
	return &s.entries[len(s.entries)-1]
}

// click returns the transaction_id.
func (s *story) click(offer int64) string {
	entry := s.add(ledger.Request{Path: "/click"}, http.StatusFound, "offer", fmt.Sprint(offer), "publisher", fmt.Sprint(publisherA), "sub_id", "s")
	return transactionIDOf(entry.Answer)
}

func (s *story) postback(path, token, id string, params ...string) {
	request := ledger.Request{Path: path}
	all := append([]string{"secure", token, "transaction_id", id}, params...)
	status := http.StatusOK
	if id == "{clickid}" {
		status = http.StatusBadRequest
	}
	s.add(request, status, all...)
}

func (s *story) unanswered(fate ledger.Fate, id string) {
	entry := s.add(ledger.Request{Path: "/"}, 0, "secure", globalA, "transaction_id", id)
	entry.Answer = ledger.Answer{Fate: fate}
}

func (s *story) exec(statement string, args ...any) {
	s.t.Helper()
	_, err := s.db.Exec(statement, args...)
	require.NoError(s.t, err, statement)
}

// rewrite replaces the content of the database by that of write.
func (s *story) rewrite() {
	s.t.Helper()
	for _, table := range []string{"hits", "clicks", "conversions", "dead_letters", "waiting_postbacks", "token_leaks"} {
		s.exec("DELETE FROM " + table)
	}
	s.write()
}

// write fills the database with what the model computes from the ledger: of the hits
// that claim a conversion the first gets it, unless its order is taken.
func (s *story) write() {
	s.t.Helper()
	facts := map[int64]model.Fact{}
	for _, e := range s.entries {
		if e.Answer.Receipt != "" {
			facts[e.Seq] = model.Fact{TransactionID: transactionIDOf(e.Answer), ReceivedAt: e.SentAt}
		}
	}
	judged := s.world.Judge(s.entries, facts, time.Now())
	winners, holders := map[string]winner{}, map[string]winner{}
	for _, entry := range s.entries {
		e := judged[entry.Seq]
		if e == nil {
			continue
		}
		id, outcome, reason := e.Answer.Receipt, e.Outcome, e.Reason
		var conversion, duplicate *string
		if e.Claim != nil {
			var first winner
			first, outcome, reason = decide(e, winners, holders)
			if outcome == "converted" {
				s.writeConversion(e)
			} else {
				duplicate = &first.id
			}
			conversion = &first.id
		}
		request, err := json.Marshal(map[string]any{"params": map[string]string{ledger.SeqParam: fmt.Sprint(e.Seq)}})
		require.NoError(s.t, err)
		s.exec(`INSERT INTO hits (id, account_id, kind, received_at, outcome, reason, route, transaction_id, conversion_id,
			duplicate_of, request) VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8, '')::uuid, $9, $10, $11)`,
			id, e.Account, e.Kind, e.SentAt, outcome, reason, e.Route, e.TransactionID, conversion, duplicate, string(request))
		s.writeRest(e, outcome)
	}
}

// winner is a hit that made a conversion.
type winner struct{ id, route string }

// decide returns the conversion that a hit makes or repeats. Earlier conversions are in
// winners by key, and in holders by order.
func decide(e *model.Expectation, winners, holders map[string]winner) (of winner, outcome, reason string) {
	if first, repeated := winners[e.Claim.Key]; repeated {
		if first.route != e.Route {
			return first, "duplicate", "duplicate_other_url"
		}
		return first, "duplicate", "duplicate_same_url"
	}
	if holder, taken := holders[e.Claim.Order]; taken {
		return holder, "duplicate", "duplicate_order"
	}
	of = winner{e.Answer.Receipt, e.Route}
	winners[e.Claim.Key] = of
	if e.Claim.Order != "" {
		holders[e.Claim.Order] = of
	}
	return of, "converted", ""
}

func (s *story) writeConversion(e *model.Expectation) {
	c := e.Claim
	s.exec(`INSERT INTO conversions (id, account_id, dedup_key, transaction_id, offer_id, publisher_id, event, status, method,
		route, revenue, payout, currency, converted_at, order_id, external_transaction_id, sub_id)
		VALUES ($1, $2, gen_random_uuid(), NULLIF($3, '')::uuid, $4, $5, 'conversion', 'approved', $6, $7, $8, $9, $10, now(),
		NULLIF($11, ''), NULLIF($12, ''), NULLIF($13, ''))`,
		e.Answer.Receipt, e.Account, e.TransactionID, c.Offer, c.Publisher, c.Method, e.Route, c.Revenue, c.Payout, c.Currency,
		e.Get("order_id"), e.Get("external_transaction_id"), e.Get("sub_id"))
}

func (s *story) writeRest(e *model.Expectation, outcome string) {
	id := e.Answer.Receipt
	switch {
	case outcome == model.Recorded:
		s.exec(`INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at, sub_id)
			VALUES ($1, $2, $3, $4, $5, $6, NULLIF($7, ''))`,
			e.TransactionID, e.Account, id, e.Get("offer"), e.Get("publisher"), e.SentAt, e.Get("sub_id"))
		if e.Leak {
			s.exec(`INSERT INTO token_leaks (account_id, offer_id, publisher_id, token_id, clicks, first_seen, last_seen)
				VALUES ($1, $2, $3, 1, 1, now(), now())`, e.Account, e.Get("offer"), e.Get("publisher"))
		}
	case outcome == model.Waiting:
		s.exec(`INSERT INTO waiting_postbacks (transaction_id, account_id, hit_id, waits_until) VALUES ($1, $2, $3, now())`,
			e.TransactionID, e.Account, id)
	case dies(outcome):
		s.exec(`INSERT INTO dead_letters (id, account_id, kind, outcome, reason, received_at, payload)
			VALUES ($1, $2, $3, $4, $5, $6, '')`, id, e.Account, e.Kind, outcome, e.Reason, e.SentAt)
	}
}
