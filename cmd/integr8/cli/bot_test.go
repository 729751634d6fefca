package cli

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/report"
	"integr8/pipeline/outcome"
)

// TestAPreviewConvertsNothingAndCountsAsNoClick pastes both URLs into chats.
func TestAPreviewConvertsNothingAndCountsAsNoClick(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	as := func(userAgent, host, path string) answer {
		request, err := http.NewRequest(http.MethodGet, s.base+path, nil)
		require.NoError(t, err)
		request.Host = host
		request.Header.Set("User-Agent", userAgent)
		return s.send(request)
	}
	link := "/click?" + query("offer", number(s.Offer), "publisher", number(s.Publisher))
	id := s.click() // of a visitor
	postback := query("secure", s.Global, "transaction_id", id)
	for _, bot := range []string{
		"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "WhatsApp/2.21.12.21 A", "TelegramBot (like TwitterBot)",
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
	} {
		for _, path := range []string{"/?" + postback, "/postback?" + postback,
			"/clickless?" + query("secure", s.OfferToken, "publisher", number(s.Publisher))} {
			got := as(bot, "", path)
			require.Equal(t, http.StatusForbidden, got.status, bot)
			require.Contains(t, got.body, "link preview")
			require.Empty(t, got.receipt)
		}
		require.Equal(t, http.StatusForbidden, as(bot, trackingDomain, "/pixel?"+postback).status)

		click := as(bot, "", link)
		require.Equal(t, http.StatusFound, click.status, "a preview shows where the link leads")
		target, err := url.Parse(click.header.Get("Location"))
		require.NoError(t, err)
		s.becomes(click.receipt, outcome.Recorded)
		require.Equal(t, 1, s.count("clicks WHERE transaction_id = $1 AND bot", target.Query().Get("c")))
	}
	lines, err := s.store.Report(t.Context(), report.Filter{AccountID: s.ID, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)},
		report.ByOffer)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, int64(1), lines[0].Clicks, "the visitor's alone")

	require.Zero(t, s.count("conversions"))
	for _, server := range []string{"curl/8.5.0", "Go-http-client/1.1", "python-requests/2.31", "Java/17.0.1", "PHP/8.1", "WordPress/6.4; https://shop.example", ""} {
		s.becomes(as(server, "", "/?"+query("secure", s.Global, "transaction_id", s.click())).receipt, outcome.Converted)
	}
}
