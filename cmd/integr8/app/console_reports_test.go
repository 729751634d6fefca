package app_test

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/users"
)

// sessionOf is the cookie of a browser that is logged in.
func (b *browser) session() *http.Cookie {
	b.t.Helper()
	var found *http.Cookie
	b.run(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		all, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{})
		if err == nil {
			for _, cookie := range all.Cookies {
				found = &http.Cookie{Name: cookie.Name, Value: cookie.Value}
			}
		}
		return err
	}))
	require.NotNil(b.t, found)
	return found
}

// download reads a file of the console as the browser's user.
func (b *browser) download(path string) (string, http.Header) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	require.NoError(b.t, err)
	request.AddCookie(b.session())
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(b.t, err)
	defer response.Body.Close()
	require.Equal(b.t, http.StatusOK, response.StatusCode)
	text, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return string(text), response.Header
}

// TestPeopleReadReportsAndSetAlerts drives a browser through the reports and the alerts.
func TestPeopleReadReportsAndSetAlerts(t *testing.T) {
	s := serveAPI(t)
	s.user("ann", users.Admin, 0)
	s.user("olga", users.Operator, s.north.ID)
	s.user("vic", users.Viewer, s.north.ID)

	t.Run("a report", func(t *testing.T) {
		b := newBrowser(t, s.console())
		b.logIn("vic", userPassword)
		require.Eventually(t, func() bool { // the roll-ups follow
			b.open("/reports?by=offer&and=publisher")
			return strings.Contains(b.text(), s.north.offerName)
		}, patience, 100*time.Millisecond)
		require.NotContains(t, b.text(), "south")
		b.run(chromedp.WaitVisible("#chart canvas"))
		b.look("reports")
		b.click(`//table//tbody//tr[1]/td[4]/a`)
		b.await("newest first")
		b.look("conversions")
		b.open("/reports?by=hour&tz=Asia/Kolkata&from=7d")
		b.await("days and hours of Asia/Kolkata")
		b.look("reports-hour")
		b.open("/reports?by=day&offer=" + number(s.south.Offer))
		b.expect("404")

		text, header := b.download("/reports.csv?by=offer&from=7d&account=" + number(s.south.ID))
		require.Contains(t, header.Get("Content-Disposition"), "attachment")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		require.Equal(t, []string{"account", "offer", "offer_name", "hits", "clicks", "conversions", "rate", "currency", "revenue", "payout", "margin"}, rows[0])
		require.Greater(t, len(rows), 1)
		require.NotContains(t, text, "south", "the parameter chooses nothing for him")
	})

	t.Run("alerts", func(t *testing.T) {
		b := newBrowser(t, s.console())
		b.logIn("olga", userPassword)
		b.open("/")
		b.await("1 alert is on")
		b.look("now-alerts")
		b.open("/alerts")
		b.await("north is quiet")
		require.NotContains(t, b.text(), "south")
		b.run(chromedp.Click("#new-rule summary"), chromedp.SendKeys("#new-rule input[name=name]", "few sales"), chromedp.Submit("#new-rule input[name=name]"))
		b.await("looked at from now on")
		rules, err := alerts.Rules{Store: s.store}.List(t.Context(), s.north.ID)
		require.NoError(t, err)
		require.Equal(t, "few sales", rules[len(rules)-1].Name)
		of := number(rules[len(rules)-1].ID)
		b.click(`//button[@aria-label="Silence rule ` + of + `"]`)
		b.await("silent until")
		b.click(`//button[@aria-label="Pause rule ` + of + `"]`)
		b.await("paused")
		b.look("alerts")
		b.click(`//td/a[text()="` + of + `"]`)
		b.fill("percent", "30")
		b.press("Save")
		b.await("Saved.")
		b.look("alert-rule")
		b.open("/alerts")
		b.click(`//button[@aria-label="Remove rule ` + of + `"]`)
		b.await("Removed")
		require.NotContains(t, b.text(), "few sales")
		b.open("/alerts/webhooks/" + number(s.north.webhook))
		b.await("This needs the role admin")
		b.expect("403")
	})

	t.Run("a webhook", func(t *testing.T) {
		b := newBrowser(t, s.console())
		b.logIn("ann", userPassword)
		b.open("/alerts")
		b.run(chromedp.Click("#new-webhook summary"), chromedp.SendKeys("#new-webhook input[name=account]", number(s.north.ID)),
			chromedp.SendKeys("#new-webhook input[name=url]", "https://north.example/second"), chromedp.Submit("#new-webhook input[name=url]"))
		b.await("whsec_")
		b.await("https://north.example/second")
		b.look("webhook")
		b.open("/alerts")
		b.await("3 webhooks")
		require.NotContains(t, b.text(), "/second", "the list has of an address the host only")
	})
}
