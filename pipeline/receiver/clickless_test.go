package receiver

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

func TestAClicklessPostbackCarriesItsNineParameters(t *testing.T) {
	t.Parallel()
	d := open(t)
	query := url.Values{
		"secure": {d.token}, "publisher": {"2"}, "offer": {"1"}, "sub_id": {"s"}, "session_time": {"1772600767"}, "conversion_ip": {"2001:DB8::1"},
		"user_agent": {"Mozilla/5.0"}, "revenue": {"10"}, "payout": {"1.5"}, "external_transaction_id": {"ext"}, "user_email": {" Joe.Smith@Mail.Example.com "},
	}
	r := d.get("/clickless?" + query.Encode())
	r.accepted(t)
	require.Empty(t, r.header.Get("X-Note"))
	h := d.only()
	require.Equal(t, hit.Clickless, h.Kind)
	require.Equal(t, int64(2), h.PublisherID)
	require.Equal(t, int64(1), h.OfferID)
	require.Equal(t, int64(0), h.AccountID)
	require.Equal(t, token.DigestOf(d.token), h.TokenDigest)
	require.Equal(t, map[string]string{
		"publisher": "2", "offer": "1", "sub_id": "s", "session_time": "1772600767", "conversion_ip": "2001:DB8::1", "user_agent": "Mozilla/5.0",
		"revenue": "10", "payout": "1.5", "external_transaction_id": "ext", "user_email": mailHash,
	}, h.Params)
}

func TestAUserEmailThatIsAHashStaysIt(t *testing.T) {
	t.Parallel()
	for _, digits := range []int{32, 40, 64} {
		d := open(t)
		d.get("/clickless?secure=" + d.token + "&publisher=2&user_email=" + strings.Repeat("A", digits)).accepted(t)
		require.Equal(t, strings.Repeat("a", digits), d.only().Params["user_email"])
	}
}

func TestWithoutAnIDOfTheSendersEachPostbackCountsAndTheAnswerSaysSo(t *testing.T) {
	t.Parallel()
	for query, noted := range map[string]bool{
		"": true, "&order_id=": true, "&external_transaction_id=+": true, "&order_id=o": false, "&external_transaction_id=e": false,
	} {
		d := open(t)
		r := d.get("/clickless?secure=" + d.token + "&publisher=2" + query)
		r.accepted(t)
		require.Equal(t, noted, r.header.Get("X-Note") != "", query)

		r = d.get("/clickless?secure="+d.token+"&publisher=2"+query, "Accept", "application/json")
		var body map[string]string
		require.NoError(t, json.Unmarshal([]byte(r.body), &body))
		require.Equal(t, "clickless", body["kind"])
		_, has := body["note"]
		require.Equal(t, noted, has)
		require.Equal(t, r.header.Get("X-Note"), body["note"])
	}
}

func TestClicklessPostbacksThatCannotBeRightAreRefusedAndRecorded(t *testing.T) {
	t.Parallel()
	for _, row := range []badRequest{
		{name: "no publisher", target: "", refusal: outcome.MissingPublisher},
		{name: "an empty publisher", target: "&publisher=", refusal: outcome.MissingPublisher},
		{name: "a name as publisher", target: "&publisher=acme", refusal: outcome.InvalidPublisher},
		{name: "publisher zero", target: "&publisher=0", refusal: outcome.InvalidPublisher},
		{name: "a name as offer", target: "&publisher=2&offer=shoes", refusal: outcome.InvalidOffer},
		{name: "two publishers", target: "&publisher=2&publisher=3", refusal: outcome.RepeatedParameter},
		{name: "two ids of the sender", target: "&publisher=2&external_transaction_id=2&external_transaction_id=3", refusal: outcome.RepeatedParameter},
		{name: "NUL in an id of the sender", target: "&publisher=2&external_transaction_id=%00", refusal: outcome.InvalidText},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := open(t)
			r := d.get("/clickless?secure=" + d.token + row.target)
			require.Equal(t, http.StatusBadRequest, r.status, r.body)
			r.oneLine(t)
			require.Empty(t, r.header.Get("X-Note"))
			h := d.only()
			require.Equal(t, row.refusal, h.Refusal)
			require.Equal(t, h.ID.String(), r.header.Get("X-Receipt"))
		})
	}
}

func TestAClicklessPostbackMayComeAsJSON(t *testing.T) {
	t.Parallel()
	d := open(t)
	body := `{"secure":"` + d.token + `","publisher":2,"offer":1,"session_time":1772600767891,"revenue":10.10,"user_email":"` + mail + `"}`
	d.send("POST", "/clickless", body, "Content-Type", "application/json").accepted(t)
	h := d.only()
	require.Equal(t, int64(2), h.PublisherID)
	require.Equal(t, map[string]string{
		"publisher": "2", "offer": "1", "session_time": "1772600767891", "revenue": "10.10", "user_email": mailHash,
	}, h.Params)
}
