package cli

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
)

func TestTrackingLinkFillsEveryMacro(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	offer := s.NewOffer(func(o *attribution.Offer) {
		o.Destination = "https://shop.example/{sub_id_2}/?c={transaction_id}&o={offer}&p={publisher}&1={sub_id}&3={sub_id_3}" +
			"&4={sub_id_4}&5={sub_id_5}&6={sub_id_6}&e={external_transaction_id}&d={device_id}&u={nobody_knows}"
	})
	var got answer
	require.Eventually(t, func() bool { // the receiver hears of the offer within moments
		got = s.get("/click", "offer", number(offer), "publisher", number(s.Publisher), "sub_id", "a&b=c", "sub_id_2", "x/y z",
			"sub_id_3", "ü", "sub_id_4", "4", "sub_id_5", "5", "sub_id_6", "6", "external_transaction_id", "E#1",
			"device_id", "D", "more", "kept")
		return got.status != 404
	}, patience, 10*time.Millisecond)
	require.Equal(t, http.StatusFound, got.status)
	location := got.header.Get("Location")
	target, err := url.Parse(location)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(location, "https://shop.example/x%2Fy%20z/?c="), location)
	values := target.Query()
	require.Equal(t, []string{"a&b=c", "ü", "4", "5", "6", "E#1", "D", "", number(offer), number(s.Publisher)},
		[]string{values.Get("1"), values.Get("3"), values.Get("4"), values.Get("5"), values.Get("6"), values.Get("e"),
			values.Get("d"), values.Get("u"), values.Get("o"), values.Get("p")})
	s.becomes(got.receipt, outcome.Recorded)
	require.Equal(t, 1, s.count(`clicks WHERE transaction_id = $1 AND sub_id_6 = '6' AND external_transaction_id = 'E#1'
		AND device_id = 'D'`, values.Get("c")))
	require.Equal(t, 1, s.count(`hits WHERE id = $1 AND request->'params'->>'more' = 'kept' AND request->>'destination' = $2`,
		got.receipt, location))
}
