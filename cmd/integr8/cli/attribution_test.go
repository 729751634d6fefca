package cli

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/sql/store/storetest"
)

func TestEveryDoorLeadsToItsConversion(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	for _, door := range []struct {
		name   string
		method string
		route  string
		fire   func(id string) answer
	}{
		{"a postback at /", "postback", "global", func(id string) answer {
			return s.get("/", "secure", s.Global, "transaction_id", id)
		}},
		{"a postback at /postback", "postback", "offer", func(id string) answer {
			return s.get("/postback", "secure", s.OfferToken, "transaction_id", id)
		}},
		{"upper case and dashes", "postback", "global", func(id string) answer {
			dashed := strings.ToUpper(id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:])
			return s.get("/postback", "secure", s.Global, "transaction_id", dashed)
		}},
		{"a form", "postback", "global", func(id string) answer {
			return s.do(http.MethodPost, "", "/", "application/x-www-form-urlencoded",
				query("secure", s.Global, "transaction_id", id))
		}},
		{"JSON", "postback", "global", func(id string) answer {
			return s.do(http.MethodPost, "", "/postback", "application/json",
				`{"secure":"`+s.Global+`","transaction_id":"`+id+`","revenue":12.5}`)
		}},
		{"JSON with the token in the URL", "postback", "global", func(id string) answer {
			return s.do(http.MethodPost, "", "/postback?secure="+s.Global, "application/json", `{"transaction_id":"`+id+`"}`)
		}},
		{"a pixel", "pixel", "offer", func(id string) answer {
			return s.pixel("secure", s.OfferToken, "transaction_id", id)
		}},
	} {
		t.Run(door.name, func(t *testing.T) {
			id := s.click("sub_id", "a b&c")
			got := door.fire(id)
			require.Equal(t, http.StatusOK, got.status, got.body)
			if door.method == "postback" {
				require.Equal(t, "OK "+got.receipt, got.body)
			}
			hit := s.becomes(got.receipt, outcome.Converted)
			require.Equal(t, door.route, hit.Route)
			require.Equal(t, 1, s.count(`conversions WHERE transaction_id = $1 AND id = $2 AND method = $3 AND offer_id = $4
				AND publisher_id = $5 AND payout = 2.5 AND revenue = 4 AND currency = 'USD' AND status = 'approved'
				AND event = 'conversion'`, id, got.receipt, door.method, s.Offer, s.Publisher))
			require.Equal(t, 1, s.count(`clicks WHERE transaction_id = $1 AND sub_id = 'a b&c' AND account_id = $2`, id, s.ID))
		})
	}
}

func TestClicklessPostbackConvertsWithoutAClick(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	all := []string{"publisher", number(s.Publisher), "sub_id", "s1", "session_time", "1772366400",
		"conversion_ip", "2001:db8::1", "user_agent", "Mozilla/5.0 (X11; Linux)", "revenue", "12.34", "payout", "1.5",
		"external_transaction_id", "E1", "user_email", " Ann@Example.com "}
	got := s.get("/clickless", append(all, "secure", s.NewTokenFor(hit.Clickless, s.Offer))...)
	require.Equal(t, http.StatusOK, got.status, got.body)
	s.becomes(got.receipt, outcome.Converted)
	require.Equal(t, 1, s.count(`conversions WHERE id = $1 AND method = 'clickless' AND transaction_id IS NULL AND sub_id = 's1'
		AND session_time = to_timestamp(1772366400) AND conversion_ip = '2001:db8::1' AND user_agent = 'Mozilla/5.0 (X11; Linux)'
		AND revenue = 12.34 AND payout = 1.5 AND external_transaction_id = 'E1' AND user_email_hash =
		encode(sha256('ann@example.com'), 'hex')`, got.receipt))

	again := s.get("/clickless", append(all, "secure", s.Global, "offer", number(s.Offer))...)
	repeat := s.becomes(again.receipt, outcome.Duplicate)
	require.Equal(t, outcome.DuplicateOtherURL, repeat.Reason)
	require.Equal(t, got.receipt, repeat.DuplicateOf.String())

	for range 2 {
		counted := s.get("/clickless", "secure", s.OfferToken, "publisher", number(s.Publisher))
		require.NotEmpty(t, counted.header.Get("X-Note"), "it is said that such hits cannot be told apart")
		s.becomes(counted.receipt, outcome.Converted)
	}
}

func TestOneConversionThroughBothURLsFiftyTimesAtOnceOverFourWorkers(t *testing.T) {
	t.Parallel()
	for name, params := range map[string][]string{
		"without an order id": nil,
		"with an order id":    {"order_id", "A-1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := startSystem(t, 4)
			id := s.click()
			const hits = 50
			receipts := make([]string, hits)
			var firing sync.WaitGroup
			for i := range hits {
				firing.Go(func() {
					token := []string{s.Global, s.OfferToken}[i%2]
					got := s.get("/postback", append(params, "secure", token, "transaction_id", id)...)
					require.Equal(t, http.StatusOK, got.status)
					receipts[i] = got.receipt
				})
			}
			firing.Wait()
			outcomes := map[outcome.Outcome]int{}
			reasons := map[outcome.Reason]int{}
			for _, receipt := range receipts {
				got := s.until(receipt, func(r row) bool { return r.Outcome.Final() })
				outcomes[got.Outcome]++
				reasons[got.Reason]++
			}
			require.Equal(t, 1, outcomes[outcome.Converted])
			require.Equal(t, hits-1, outcomes[outcome.Duplicate])
			require.Equal(t, hits/2, reasons[outcome.DuplicateOtherURL])
			require.Equal(t, 1, s.count("conversions"))

			code, stdout, stderr := s.command("report", "--conflicts", "--account", number(s.ID))
			require.Zero(t, code, stderr)
			require.Contains(t, stdout, "offer", stdout)
		})
	}
}

func TestTwoAccountsThatTryEachOthersIDsCrossNothing(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 4)
	other := storetest.NewAccount(t, s.store, s.keys, "south")
	tokens := []string{other.Global, other.OfferToken}
	id := s.click()
	var firing sync.WaitGroup
	for i := range 50 {
		firing.Go(func() {
			got := s.get("/postback", "secure", tokens[i%2], "transaction_id", id)
			require.Equal(t, http.StatusOK, got.status)
			decided := s.until(got.receipt, func(r row) bool { return r.Outcome != outcome.Waiting })
			require.Equal(t, outcome.WrongAccount, decided.Reason)
			require.Equal(t, other.ID, decided.AccountID)
		})
	}
	firing.Wait()
	// Another account's offer, publisher and domain are as unreachable.
	for _, params := range [][]string{
		{"offer", number(s.Offer), "publisher", number(other.Publisher)},
		{"offer", number(other.Offer), "publisher", number(s.Publisher)},
	} {
		got := s.get("/clickless", append(params, "secure", tokens[0])...)
		require.Equal(t, outcome.Rejected, s.decided(got.receipt).Outcome)
	}
	require.Equal(t, outcome.WrongDomain, s.decided(s.pixel("secure", tokens[0], "transaction_id", id).receipt).Reason)
	require.Zero(t, s.count("conversions"))
	s.becomes(s.get("/", "secure", s.Global, "transaction_id", id).receipt, outcome.Converted)
}

func TestOrderIDsNeverMixConversionsUp(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 2)
	many := s.NewOffer(func(o *attribution.Offer) { o.Identity.ManyPerClick = true })
	convert := func(want outcome.Outcome, id string, params ...string) {
		t.Helper()
		got := s.get("/", append(params, "secure", s.Global, "transaction_id", id)...)
		require.Equal(t, http.StatusOK, got.status)
		require.Equal(t, want, s.until(got.receipt, func(r row) bool { return r.Outcome != outcome.Waiting }).Outcome)
	}
	one, two, several := s.click(), s.click(), s.clickOn(many)
	convert(outcome.Converted, one, "order_id", "A1")
	convert(outcome.Converted, two, "order_id", "A1") // an order id used on one click or offer blocks no other
	convert(outcome.Converted, several, "order_id", "A1")
	convert(outcome.Converted, several, "order_id", "A2")
	convert(outcome.Duplicate, several, "order_id", "A2")
	convert(outcome.Rejected, several) // it needs one
	convert(outcome.Duplicate, one)    // nor does a missing one make a second conversion
	convert(outcome.Duplicate, one, "order_id", "A9")
	require.Equal(t, 4, s.count("conversions"))
}

func TestPostbackBeforeItsClickIsMatchedLater(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.startReceiver()
	stop := s.startWorker()
	// The click goes to its queue while no worker runs for it: the id is known
	// to the advertiser before the click is written.
	stop()
	id := s.click()
	click := s.takeHit(t, "clicks")
	s.startWorker()
	early := s.get("/", "secure", s.Global, "transaction_id", id)
	require.Equal(t, outcome.ClickNotYet, s.decided(early.receipt).Reason)
	s.putInQueue(t, "clicks", click)
	s.becomes(early.receipt, outcome.Converted)
}
