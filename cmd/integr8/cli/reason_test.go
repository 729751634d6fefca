package cli

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	watermillamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/token"

	"integr8/sql/store/storetest"
)

// TestEveryReasonHappensEndToEnd fires, for every reason that exists, a
// request that comes to it, and reads the row. The reasons that only the
// machinery gives are made by breaking it.
func TestEveryReasonHappensEndToEnd(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_LATE_GRACE"] = "200ms"
	s.giveUpByTheBroker(t) // before any worker consumes
	parties := s.reasonParties()
	s.startReceiver()
	s.startWorker()

	seen := map[outcome.Reason]bool{outcome.NoReason: true}
	id := s.click()
	other := s.click()
	token := []string{"secure", s.Global}
	with := func(params ...string) []string { return append(params, token...) }

	for _, row := range []struct {
		outcome outcome.Outcome
		reason  outcome.Reason
		status  int
		fire    func() answer
	}{
		{outcome.Converted, outcome.NoReason, 200, func() answer { return s.get("/", with("transaction_id", id)...) }},
		{outcome.Duplicate, outcome.DuplicateSameURL, 200, func() answer { return s.get("/", with("transaction_id", id)...) }},
		{outcome.Duplicate, outcome.DuplicateOtherURL, 200, func() answer {
			return s.get("/", "secure", s.OfferToken, "transaction_id", id)
		}},
		{outcome.Duplicate, outcome.DuplicateOrder, 200, func() answer {
			first := s.get("/", with("transaction_id", s.clickOn(parties.unique), "order_id", "A-1")...)
			s.becomes(first.receipt, outcome.Converted)
			return s.get("/clickless", with("offer", number(parties.unique), "publisher", number(s.Publisher), "order_id", "A-1")...)
		}},
		{outcome.Rejected, outcome.MissingTransactionID, 400, func() answer { return s.get("/", token...) }},
		{outcome.Rejected, outcome.PlaceholderTransaction, 400, func() answer {
			return s.get("/", with("transaction_id", "{clickid}")...)
		}},
		{outcome.Rejected, outcome.PlaceholderOrderID, 400, func() answer {
			return s.get("/", with("transaction_id", other, "order_id", "{{order.name}}")...)
		}},
		{outcome.Rejected, outcome.PlaceholderExternalID, 400, func() answer {
			return s.get("/clickless", with("offer", number(s.Offer), "publisher", number(s.Publisher), "external_transaction_id", "REPLACE")...)
		}},
		{outcome.Rejected, outcome.MalformedTransactionID, 400, func() answer {
			return s.get("/", with("transaction_id", id[:31])...)
		}},
		{outcome.Rejected, outcome.UnverifiedTransactionID, 400, func() answer {
			return s.get("/", with("transaction_id", typo(id))...)
		}},
		{outcome.Rejected, outcome.RepeatedParameter, 400, func() answer {
			return s.do(http.MethodGet, "", "/?"+query(with("transaction_id", id)...)+"&order_id=1&order_id=2", "", "")
		}},
		{outcome.Rejected, outcome.MalformedRequest, 400, func() answer {
			return s.do(http.MethodGet, "", "/?"+query(with("transaction_id", id)...)+"&order_id=%zz", "", "")
		}},
		{outcome.Rejected, outcome.WrongMethod, 405, func() answer {
			return s.do(http.MethodDelete, "", "/?"+query(with("transaction_id", id)...), "", "")
		}},
		{outcome.Rejected, outcome.TooLarge, 414, func() answer {
			return s.get("/", with("transaction_id", id, "x", strings.Repeat("y", 9000))...)
		}},
		{outcome.Rejected, outcome.UnknownPath, 404, func() answer {
			return s.get("/nothing", with("transaction_id", id)...)
		}},
		{outcome.Rejected, outcome.UnknownPixelDomain, 404, func() answer {
			return s.do(http.MethodGet, "other.example", "/pixel?"+query(with("transaction_id", id)...), "", "")
		}},
		{outcome.Rejected, outcome.InvalidText, 400, func() answer {
			return s.get("/", with("transaction_id", id, "order_id", "\xff\x00")...)
		}},
		{outcome.Rejected, outcome.ValueTooLong, 400, func() answer {
			return s.get("/", with("transaction_id", id, "order_id", strings.Repeat("x", 5000))...)
		}},
		{outcome.Rejected, outcome.InvalidAmount, 200, func() answer {
			return s.get("/", with("transaction_id", s.clickOn(parties.percent), "revenue", "2,000.00")...)
		}},
		{outcome.Rejected, outcome.UnknownCurrency, 200, func() answer {
			return s.get("/", with("transaction_id", s.clickOn(parties.percent), "revenue", "1", "currency", "ZZZ")...)
		}},
		// Receivers of earlier versions refused these, and without an id of the
		// sender's they stay refused.
		{outcome.Rejected, outcome.InvalidConversionIP, 0, func() answer { return s.refusedBefore(t, outcome.InvalidConversionIP) }},
		{outcome.Rejected, outcome.InvalidSessionTime, 0, func() answer { return s.refusedBefore(t, outcome.InvalidSessionTime) }},
		{outcome.Rejected, outcome.InvalidEmail, 0, func() answer { return s.refusedBefore(t, outcome.InvalidEmail) }},
		{outcome.Rejected, outcome.MissingPublisher, 400, func() answer {
			return s.get("/clickless", with("offer", number(s.Offer))...)
		}},
		{outcome.Rejected, outcome.InvalidPublisher, 400, func() answer {
			return s.get("/clickless", with("offer", number(s.Offer), "publisher", "bob")...)
		}},
		{outcome.Rejected, outcome.InvalidOffer, 400, func() answer {
			return s.get("/clickless", with("offer", "1e3", "publisher", number(s.Publisher))...)
		}},
		{outcome.Rejected, outcome.MissingOffer, 200, func() answer {
			return s.get("/clickless", with("publisher", number(s.Publisher))...)
		}},
		{outcome.Rejected, outcome.UnknownToken, 200, func() answer {
			return s.get("/", "secure", "forged", "transaction_id", id)
		}},
		{outcome.Rejected, outcome.ExpiredToken, 200, func() answer {
			return s.get("/", "secure", parties.expired, "transaction_id", id)
		}},
		{outcome.Rejected, outcome.UnknownOffer, 200, func() answer {
			return s.get("/clickless", with("offer", "999999", "publisher", number(s.Publisher))...)
		}},
		{outcome.Rejected, outcome.UnknownPublisher, 302, func() answer {
			return s.get("/click", "offer", number(s.Offer), "publisher", "999999")
		}},
		{outcome.Rejected, outcome.OfferPaused, 404, func() answer {
			return s.get("/click", "offer", number(parties.paused), "publisher", number(s.Publisher))
		}},
		{outcome.Rejected, outcome.PublisherPaused, 200, func() answer {
			return s.get("/clickless", with("offer", number(s.Offer), "publisher", number(parties.pausedPublisher))...)
		}},
		{outcome.Rejected, outcome.WrongOffer, 200, func() answer {
			return s.get("/", "secure", parties.manyToken, "transaction_id", other)
		}},
		{outcome.Rejected, outcome.WrongAccount, 200, func() answer {
			return s.get("/", "secure", parties.foreign, "transaction_id", other)
		}},
		{outcome.Rejected, outcome.WrongDomain, 200, func() answer {
			return s.pixel("secure", parties.foreign, "transaction_id", other)
		}},
		{outcome.Rejected, outcome.WrongPurpose, 200, func() answer {
			return s.get("/", "secure", s.NewTokenFor(hit.Pixel, 0), "transaction_id", other)
		}},
		{outcome.Rejected, outcome.RevenueNotCounted, 200, func() answer {
			return s.get("/clickless", with("offer", number(parties.percent), "publisher", number(s.Publisher), "revenue", "5")...)
		}},
		{outcome.Rejected, outcome.TestOfRealClick, 200, func() answer {
			return s.get("/", with("transaction_id", other, hit.TestMark, s.keys.MarkTest(s.ID, s.Offer, time.Now().Add(time.Minute)))...)
		}},
		{outcome.Rejected, outcome.OutsideWindow, 200, func() answer {
			return s.get("/", with("transaction_id", parties.old)...)
		}},
		{outcome.Rejected, outcome.UnsupportedEvent, 200, func() answer {
			return s.get("/", with("transaction_id", other, "event_id", "7")...)
		}},
		{outcome.Rejected, outcome.UnsupportedStatus, 200, func() answer {
			return s.get("/", with("transaction_id", other, "status", "rejected")...)
		}},
		{outcome.Rejected, outcome.ClickExpired, 200, func() answer {
			return s.get("/", with("transaction_id", parties.dropped)...)
		}},
		{outcome.Rejected, outcome.MissingOrderID, 200, func() answer {
			return s.get("/", with("transaction_id", s.clickOn(parties.many))...)
		}},
		{outcome.Rejected, outcome.MissingRevenue, 200, func() answer {
			return s.get("/", with("transaction_id", s.clickOn(parties.percent))...)
		}},
		{outcome.Rejected, outcome.CurrencyMismatch, 200, func() answer {
			return s.get("/", with("transaction_id", s.clickOn(parties.percent), "revenue", "5", "currency", "EUR")...)
		}},
		{outcome.Rejected, outcome.AmountTooLarge, 200, func() answer {
			return s.get("/", with("transaction_id", s.clickOn(parties.percent), "revenue", "999999999999")...)
		}},
		{outcome.Waiting, outcome.ClickNotYet, 200, func() answer {
			return s.get("/", with("transaction_id", s.keys.Mint(time.Now()).String())...)
		}},
		{outcome.Failed, outcome.HandlerFailed, 200, func() answer {
			return s.get("/", with("transaction_id", s.clickOn(parties.broken))...)
		}},
	} {
		t.Run(string(row.outcome)+" "+string(row.reason), func(t *testing.T) {
			got := row.fire()
			require.Equal(t, row.status, got.status, got.body)
			decided := s.becomes(got.receipt, row.outcome)
			require.Equal(t, row.reason, decided.Reason)
			if row.reason != outcome.NoReason {
				require.Equal(t, row.outcome, row.reason.Outcome())
			}
			require.Equal(t, row.reason == outcome.UnknownToken, decided.AccountID == 0)
			seen[row.reason] = true
		})
	}

	t.Run("missing_token is answered and leaves no row", func(t *testing.T) {
		got := s.get("/", "transaction_id", id)
		require.Equal(t, 400, got.status)
		require.Empty(t, got.receipt)
		seen[outcome.MissingToken] = true
	})
	t.Run("unmatched click_never_came", func(t *testing.T) {
		// A postback that spent a day and more in some receiver's reach.
		h := s.lateHit()
		s.publish(t, h)
		require.Equal(t, outcome.ClickNeverCame, s.becomes(h.ID.String(), outcome.Unmatched).Reason)
		seen[outcome.ClickNeverCame] = true
	})
	t.Run("undecodable", func(t *testing.T) {
		require.NoError(t, s.channel(t).PublishWithContext(context.Background(), s.topology.Prefix+"hits", "postbacks", true, false,
			amqp.Publishing{Body: []byte("not a hit")}))
		require.Eventually(t, func() bool { return s.count("dead_letters WHERE reason = 'undecodable'") == 1 },
			patience, 5*time.Millisecond)
		seen[outcome.Undecodable] = true
	})
	t.Run("delivery_limit", func(t *testing.T) {
		require.Eventually(t, func() bool { return s.count("hits WHERE reason = 'delivery_limit' AND outcome = 'failed'") == 1 },
			patience, 5*time.Millisecond)
		seen[outcome.DeliveryLimit] = true
	})
	for reason, death := range map[outcome.Reason]string{outcome.MessageExpired: "expired", outcome.QueueOverflow: "maxlen",
		outcome.MessageRefused: "rejected", outcome.Unexplained: ""} {
		t.Run(string(reason), func(t *testing.T) {
			h := s.lateHit()
			payload, err := h.Encode()
			require.NoError(t, err)
			headers := amqp.Table{watermillamqp.DefaultMessageUUIDHeaderKey: h.ID.String()}
			if death != "" {
				headers["x-death"] = []any{amqp.Table{"reason": death, "queue": s.topology.Prefix + "postbacks"}}
			}
			require.NoError(t, s.channel(t).PublishWithContext(context.Background(), s.topology.Prefix+"hits", "dead", true, false,
				amqp.Publishing{Headers: headers, Body: payload, DeliveryMode: amqp.Persistent}))
			require.Equal(t, reason, s.becomes(h.ID.String(), outcome.Failed).Reason)
			seen[reason] = true
		})
	}
	for _, reason := range outcome.Reasons() {
		require.True(t, seen[reason], "no request came to reason %s", reason)
	}
	require.Equal(t, s.count("hits WHERE outcome IN ('rejected', 'unmatched', 'failed')")+1, s.count("dead_letters"),
		"whatever an operator can act on is a dead letter, the undecodable message too")
}

// parties are what the reasons need beside the plain account.
type parties struct {
	expired, foreign, manyToken, old, dropped      string
	paused, pausedPublisher, many, percent, broken int64
	unique                                         int64
}

func (s *system) reasonParties() parties {
	ctx := context.Background()
	var p parties
	status := attribution.Paused
	p.pausedPublisher = s.NewPublisher()
	_, err := s.store.EditPublisher(ctx, s.ID, p.pausedPublisher, reference.PublisherChange{Status: &status})
	require.NoError(s.t, err)
	p.paused = s.NewOffer(func(o *attribution.Offer) { o.Status = attribution.Paused })
	p.many = s.NewOffer(func(o *attribution.Offer) { o.Identity.ManyPerClick = true })
	p.manyToken = s.NewToken(p.many)
	p.unique = s.NewUniqueOrdersOffer(func(*attribution.Offer) {})
	p.percent = s.NewOffer(func(o *attribution.Offer) {
		o.Revenue = attribution.Money{Amount: decimal.NewFromInt(200), Percent: true}
	})
	// A constraint that only this offer breaks stands for a fault of ours.
	p.broken = s.NewOffer(func(o *attribution.Offer) { o.Currency = "XAF" })
	_, err = s.db.Exec(`ALTER TABLE conversions ADD CHECK (currency <> 'XAF')`)
	require.NoError(s.t, err)

	p.expired = s.NewToken(0)
	tokens, err := s.store.Tokens(ctx, s.ID)
	require.NoError(s.t, err)
	_, err = s.store.EditToken(ctx, s.ID, tokens[len(tokens)-1].ID, time.Now().Add(-time.Hour))
	require.NoError(s.t, err)
	p.foreign = storetest.NewAccount(s.t, s.store, s.keys, "south").Global

	at := time.Now().Add(-attribution.DefaultWindow - time.Hour)
	old := s.keys.Mint(at)
	s.insertClick(old, at)
	p.old = old.String()

	dropped := time.Now().Add(-400 * 24 * time.Hour)
	_, err = s.db.Exec(`INSERT INTO dropped_days (parent, day, dropped_at) VALUES ('clicks', $1, now())`, dropped.UTC())
	require.NoError(s.t, err)
	p.dropped = s.keys.Mint(dropped).String()
	return p
}

func (s *system) lateHit() *hit.Hit {
	at := time.Now().Add(-25 * time.Hour)
	return &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: at, TransactionID: s.keys.Mint(at),
		TokenDigest: token.DigestOf(s.Global)}
}

// refusedBefore publishes a clickless hit as an earlier receiver refused it.
func (s *system) refusedBefore(t *testing.T, refusal outcome.Reason) answer {
	t.Helper()
	h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Clickless, ReceivedAt: time.Now(), Refusal: refusal,
		Params:      map[string]string{hit.ParamOffer: number(s.Offer), hit.ParamPublisher: number(s.Publisher)},
		TokenDigest: token.DigestOf(s.Global)}
	s.publish(t, h)
	return answer{receipt: h.ID.String()}
}

func (s *system) publish(t *testing.T, h *hit.Hit) {
	t.Helper()
	publisher, err := rabbit.NewPublisher(rabbit.PublisherOptions{URL: s.variables["AMQP_URL"], Topology: s.topology})
	require.NoError(t, err)
	payload, err := h.Encode()
	require.NoError(t, err)
	require.NoError(t, publisher.Publish(h.Kind.Topic(), message.NewMessage(h.ID.String(), payload)))
	require.NoError(t, publisher.Close())
}

// giveUpByTheBroker returns a hit to its queue until the broker gives it up.
func (s *system) giveUpByTheBroker(t *testing.T) {
	t.Helper()
	s.publish(t, s.lateHit())
	channel := s.channel(t)
	for {
		delivery, ok, err := channel.Get(s.topology.Prefix+"postbacks", false)
		require.NoError(t, err)
		if ok {
			require.NoError(t, delivery.Nack(false, true))
			continue
		}
		dead, err := channel.QueueDeclarePassive(s.topology.Prefix+"dead", true, false, false, false, nil)
		require.NoError(t, err)
		if dead.Messages == 1 {
			return
		}
	}
}

// typo changes one digit.
func typo(id string) string {
	if strings.HasPrefix(id[20:], "0") {
		return id[:20] + "1" + id[21:]
	}
	return id[:20] + "0" + id[21:]
}

// insertClick writes a click of an earlier day.
func (s *system) insertClick(id token.TransactionID, at time.Time) {
	s.t.Helper()
	day := at.UTC().Truncate(24 * time.Hour)
	_, err := s.db.Exec(`SELECT ensure_partition('clicks', $1, $2, $3)`, day.Format("clicks_20060102"), token.FirstID(day), token.FirstID(day.AddDate(0, 0, 1)))
	require.NoError(s.t, err)
	_, err = s.db.Exec(`INSERT INTO clicks (transaction_id, account_id, hit_id, offer_id, publisher_id, clicked_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, id.UUID(), s.ID, uuid.New(), s.Offer, s.Publisher, at)
	require.NoError(s.t, err)
}
