package cli

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// TestATokenReadInAPageSetsNoAmounts: whoever reads a pixel's token can neither
// report conversions without a click nor set what they pay, whichever way it is
// tried.
func TestATokenReadInAPageSetsNoAmounts(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	inPage := s.NewTokenFor(hit.Pixel, 0)
	share := s.NewOffer(func(o *attribution.Offer) {
		o.Payout = attribution.Money{Amount: decimal.NewFromInt(80), Percent: true}
	})
	mine, much := number(s.Publisher), "999999999999"

	for name, fire := range map[string]func() answer{
		"clickless": func() answer {
			return s.get("/clickless", "secure", inPage, "offer", number(s.Offer), "publisher", mine, "payout", much)
		},
		"clickless as a form": func() answer {
			return s.do(http.MethodPost, "", "/clickless", "application/x-www-form-urlencoded",
				query("secure", inPage, "offer", number(s.Offer), "publisher", mine, "payout", much))
		},
		"clickless as JSON": func() answer {
			return s.do(http.MethodPost, "", "/clickless", "application/json",
				`{"secure":"`+inPage+`","offer":"`+number(s.Offer)+`","publisher":"`+mine+`","payout":"`+much+`"}`)
		},
		"clickless on the tracking domain": func() answer {
			return s.do(http.MethodGet, trackingDomain, "/clickless?"+query("secure", inPage, "offer", number(s.Offer), "publisher", mine, "revenue", much), "", "")
		},
		"postback":           func() answer { return s.get("/", "secure", inPage, "transaction_id", s.click(), "revenue", much) },
		"postback, its path": func() answer { return s.get("/postback", "secure", inPage, "transaction_id", s.click()) },
	} {
		got := s.decided(fire().receipt)
		require.Equal(t, outcome.Rejected, got.Outcome, name)
		require.Equal(t, outcome.WrongPurpose, got.Reason, name)
	}
	require.Equal(t, outcome.RevenueNotCounted,
		s.becomes(s.pixel("secure", inPage, "transaction_id", s.clickOn(share), "revenue", much).receipt, outcome.Rejected).Reason)
	require.Zero(t, s.count("conversions"))

	fired := s.pixel("secure", inPage, "transaction_id", s.click(), "revenue", much, "payout", much)
	s.becomes(fired.receipt, outcome.Converted)
	require.Equal(t, 1, s.count(`conversions WHERE id = $1 AND method = 'pixel' AND payout = 2.5 AND revenue = 4`, fired.receipt))
	require.Equal(t, 1, s.count(`hits WHERE id = $1 AND request->'params'->>'payout' = $2 AND request->'notes'->>0 = $3`,
		fired.receipt, much, attribution.PixelAmounts), "what was sent is kept, and it is said that it does not count")
}

// TestAmountsOfAClicklessHitCountWithATokenMadeForIt: with any other only where
// the offer allows it, and up to the offer's ceiling; else the offer's terms pay,
// and the hit says so.
func TestAmountsOfAClicklessHitCountWithATokenMadeForIt(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	forIt := s.NewTokenFor(hit.Clickless, 0)
	open := s.NewOffer(func(o *attribution.Offer) { o.OwnAmounts = true })
	capped := s.NewOffer(func(o *attribution.Offer) { o.Ceiling = new(decimal.NewFromInt(50)) })
	fire := func(token string, offer int64, revenue, payout string) string {
		t.Helper()
		receipt := s.get("/clickless", "secure", token, "offer", number(offer), "publisher", number(s.Publisher),
			"revenue", revenue, "payout", payout).receipt
		s.becomes(receipt, outcome.Converted)
		return receipt
	}
	for name, row := range map[string]struct {
		token           string
		offer           int64
		revenue, payout string
		pays, note      string
	}{
		"its own token":                     {forIt, s.Offer, "12.34", "1.5", "12.34 1.5", ""},
		"a token for every way in":          {s.Global, s.Offer, "12.34", "1.5", "4 2.5", attribution.AmountsNeedToken},
		"such a token of the offer":         {s.OfferToken, s.Offer, "0", "999999999999", "4 2.5", attribution.AmountsNeedToken},
		"where the offer allows it":         {s.Global, open, "12.34", "1.5", "12.34 1.5", ""},
		"up to the ceiling":                 {forIt, capped, "50", "50.0", "50 50", ""},
		"above the ceiling":                 {forIt, capped, "50.000001", "1", "4 2.5", attribution.AmountsPassCeiling + "50"},
		"payout alone above the ceiling":    {forIt, capped, "", "51", "4 2.5", attribution.AmountsPassCeiling + "50"},
		"nothing sent with any token":       {s.Global, s.Offer, "", "", "4 2.5", ""},
		"revenue alone, with its own token": {forIt, s.Offer, "7", "", "7 2.5", ""},
	} {
		receipt := fire(row.token, row.offer, row.revenue, row.payout)
		var revenue, payout decimal.Decimal
		var note *string
		require.NoError(t, s.db.QueryRow(`SELECT v.revenue, v.payout, h.request->'notes'->>0
			FROM conversions v JOIN hits h ON h.id = v.id WHERE v.id = $1`, receipt).Scan(&revenue, &payout, &note))
		require.Equal(t, row.pays, revenue.String()+" "+payout.String(), name)
		if row.note == "" {
			require.Nil(t, note, name)
		} else {
			require.Equal(t, row.note, *note, name)
		}
	}
}

// TestARefusedRevenueIsPaidOnceItsOfferAllowsIt: the refusal is replayable, and the
// note of the earlier decision goes with it.
func TestARefusedRevenueIsPaidOnceItsOfferAllowsIt(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	share := s.NewOffer(func(o *attribution.Offer) {
		o.Payout = attribution.Money{Amount: decimal.NewFromInt(10), Percent: true}
	})
	receipt := s.get("/clickless", "secure", s.Global, "offer", number(share), "publisher", number(s.Publisher),
		"revenue", "20", "external_transaction_id", "E-1").receipt
	require.Equal(t, outcome.RevenueNotCounted, s.decided(receipt).Reason)
	require.Equal(t, 1, s.count(`hits WHERE id = $1 AND request->'notes'->>0 = $2`, receipt, attribution.AmountsNeedToken))

	_, err := s.store.EditOffer(t.Context(), s.ID, share, reference.OfferChange{OwnAmounts: new(true)})
	require.NoError(t, err)
	require.Eventually(t, func() bool { // a worker knows the edit in a moment, and the replay may be earlier
		_, _, _ = s.command("dead", "replay", receipt)
		return s.count(`hits WHERE id = $1 AND outcome = 'converted'`, receipt) == 1
	}, patience, 100*time.Millisecond)
	require.Equal(t, 1, s.count(`conversions WHERE id = $1 AND payout = 2 AND revenue = 20`, receipt))
	require.Equal(t, 1, s.count(`hits WHERE id = $1 AND request->'notes' IS NULL`, receipt))
}

// TestTokenShowPrintsEachWayWithItsToken: with one that was made for it where
// there is one; a pixel's tag with a token that can do more says so.
func TestTokenShowPrintsEachWayWithItsToken(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	p.succeed(offerArguments("--revenue=4")...)
	p.succeed("domain", "create", "--account", "1", "--host", "px.example")
	every := p.object("token", "create", "--account", "1")["token"].(string)
	show := func() string { return p.succeed("token", "show", "--account", "1") }
	const warning = "Everybody can read a pixel, and token 1 serves every way in"
	require.Contains(t, show(), warning)
	require.Contains(t, p.succeed("token", "show", "1"), warning)

	pixel := p.object("token", "create", "--account", "1", "--for", "pixel")
	clickless := p.object("token", "create", "--account", "1", "--for", "clickless")
	require.Equal(t, "pixel", pixel["purpose"])
	require.Contains(t, pixel["url"], "https://px.example/pixel?secure="+pixel["token"].(string))
	require.Contains(t, clickless["url"], "https://track.example/clickless?secure="+clickless["token"].(string))
	text := show()
	require.NotContains(t, text, warning)
	require.Contains(t, text, "/postback?secure="+every)
	require.Contains(t, text, "/pixel?secure="+pixel["token"].(string))
	require.Contains(t, text, "/clickless?secure="+clickless["token"].(string))
	require.NotContains(t, text, "/pixel?secure="+every)
	require.NotContains(t, text, "/clickless?secure="+every)

	postback := p.object("token", "create", "--account", "1", "--for", "postback")["token"].(string)
	require.NotContains(t, show(), every)
	require.Contains(t, show(), "/postback?secure="+postback)
	alone := p.succeed("token", "show", "2")
	require.Contains(t, alone, "/pixel?secure=")
	require.NotContains(t, alone, "/postback?secure=")
	require.NotContains(t, alone, "/clickless?secure=")

	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(p.succeed("token", "list", "--account", "1", "--json")), &list))
	require.Len(t, list, 4)
	require.Nil(t, list[0]["purpose"])
	for i, purpose := range []string{"pixel", "clickless", "postback"} {
		require.Equal(t, purpose, list[i+1]["purpose"])
		require.Equal(t, 1.0, list[i+1]["generation"], "generations are counted for each purpose")
	}
	require.Equal(t, exitUsage, p.run("token", "create", "--account", "1", "--for", "email").code)
}

// TestDoctorNamesTokensThatAreUsedInTwoWays, those without a purpose: one with it
// cannot be.
func TestDoctorNamesTokensThatAreUsedInTwoWays(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	s.becomes(s.get("/", "secure", s.OfferToken, "transaction_id", s.click()).receipt, outcome.Converted)
	for _, fire := range []func(string) answer{
		func(token string) answer { return s.pixel("secure", token, "transaction_id", s.click()) },
		func(token string) answer {
			return s.get("/clickless", "secure", token, "offer", number(s.Offer), "publisher", number(s.Publisher))
		},
	} {
		s.becomes(fire(s.Global).receipt, outcome.Converted)
		s.decided(fire(s.NewTokenFor(hit.Pixel, 0)).receipt)
	}
	tokens, err := s.store.Tokens(t.Context(), s.ID)
	require.NoError(t, err)
	_, findings := s.doctor()
	require.Len(t, findings["tokens"], 1)
	require.Equal(t, tokens[0].ID, findings["tokens"][0].Token)
	require.Contains(t, findings["tokens"][0].What, "1 × pixels, 1 × clickless in a day; everybody can read it in the pixel")
}
