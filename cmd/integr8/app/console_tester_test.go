package app_test

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"integr8/cmd/integr8/app"
	"integr8/cmd/internal/ports"
	"integr8/handlers/attribution"
	"integr8/handlers/operate/users"
)

// withKnownDoors gives the receiver an address that the console knows.
func withKnownDoors(t *testing.T) func(*app.Options) {
	t.Helper()
	port, err := ports.Choose()
	require.NoError(t, err)
	return func(options *app.Options) {
		options.Receiver.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		options.Web.DoorsURL = &url.URL{Scheme: "http", Host: options.Receiver.Addr}
	}
}

var testOrder = regexp.MustCompile(`TEST-[A-Z0-9]{12}`)

// TestAnOperatorTriesAnOfferByEachWayAndReportsStayEmpty drives a browser through the tester.
func TestAnOperatorTriesAnOfferByEachWayAndReportsStayEmpty(t *testing.T) {
	s := serveAPI(t, withKnownDoors(t))
	s.user("olga", users.Operator, s.north.ID)
	s.user("vic", users.Viewer, s.north.ID)
	offer := s.north.NewOffer(func(o *attribution.Offer) { o.Name = "a new offer" })
	secret := s.north.NewToken(offer)
	links := "/integration?offer=" + number(offer) + "&publisher=" + number(s.north.Publisher)

	require.Eventually(t, func() bool { // the receiver hears of a new offer within moments
		response, err := s.client.Head("http://" + s.hits + "/click?offer=" + number(offer) + "&publisher=" + number(s.north.Publisher))
		return err == nil && response.Body.Close() == nil && response.StatusCode == http.StatusFound
	}, patience, 50*time.Millisecond)

	b := newBrowser(t, s.console())
	b.logIn("olga", userPassword)
	var orders []string
	for _, way := range []string{"global", "offer", "pixel", "clickless"} {
		b.open(links)
		b.await("Try it")
		b.run(chromedp.SetValue("#test select", way), chromedp.Submit("#test"))
		b.await("The test converted.")
		shown := b.text()
		require.NotContains(t, shown, secret)
		require.NotContains(t, shown, s.north.Global)
		require.Contains(t, shown, "revenue 4.00 USD, payout 2.50 USD")
		order := testOrder.FindString(shown)
		require.NotEmpty(t, order)
		require.NotContains(t, orders, order)
		orders = append(orders, order)
		if way == "global" {
			b.look("test")
		}
	}
	for _, order := range orders {
		b.search(order)
		b.await("1 conversion by order id")
		b.await("converted test")
	}
	b.look("test-found")
	b.open("/hits?offer=" + number(offer))
	b.await("No hit matches")
	b.open("/conversions?offer=" + number(offer) + "&test=1")
	b.await("4 conversions on this page")
	b.open("/reports?offer=" + number(offer))
	b.await("No clicks and no conversions.")

	b.open("/integration?offer=" + number(s.north.paused) + "&publisher=" + number(s.north.Publisher))
	b.await("Try it")
	b.run(chromedp.Submit("#test"))
	b.await("The test ended without a conversion.")
	b.await("resume it")
	b.look("test-failed")

	viewer := newBrowser(t, s.console())
	viewer.logIn("vic", userPassword)
	viewer.open(links)
	viewer.await("Tracking link")
	require.NotContains(t, viewer.text(), "Try it")
}
