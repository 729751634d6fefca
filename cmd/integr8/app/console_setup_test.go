package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/users"
)

// fill types into a field of a form in the place of what stands there.
func (b *browser) fill(name, text string) {
	b.t.Helper()
	selector := `form.form [name="` + name + `"]`
	b.run(chromedp.WaitVisible(chromedp.CSS(selector)))
	_, err := ask(b, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).value = ''", selector)))
	require.NoError(b.t, err)
	b.run(chromedp.SendKeys(selector, text))
}

// press presses a button by its words, and waits for the page that follows.
func (b *browser) press(words string) { b.click(`//button[text()="` + words + `"]`) }

// TestPeopleSetAnAccountUp drives a browser from an account to a link that sends visitors,
// as an admin, and as a viewer who changes nothing.
func TestPeopleSetAnAccountUp(t *testing.T) {
	s := serveAPI(t)
	s.user("ann", users.Admin, 0)
	s.user("vic", users.Viewer, s.north.ID)

	t.Run("an admin", func(t *testing.T) {
		b := newBrowser(t, s.console())
		b.logIn("ann", userPassword)
		s.setsUp(b)
		s.editsThePayout(b)
		s.makesAUser(b)
	})
	t.Run("a viewer of an account", func(t *testing.T) {
		b := newBrowser(t, s.console())
		b.logIn("vic", userPassword)
		b.open("/setup")
		require.NotContains(t, b.text(), "New ")
		require.NotContains(t, b.text(), "Accounts")
		b.look("setup-viewer")
		b.open("/setup/offers/" + number(s.north.termed))
		b.await("terms of its own")
		forms, err := ask(b, chromedp.Evaluate[int](`document.querySelectorAll("main form").length`))
		require.NoError(t, err)
		require.Zero(t, forms)
		b.look("setup-offer-viewer")
		status, err := ask(b, chromedp.Evaluate[int](`fetch("/setup/offers/`+number(s.north.termed)+`", {method: "POST", body: new URLSearchParams({name: "mine"})}).then((answer) => answer.status)`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		require.Equal(t, 403, status)
		b.expect("403")
		b.open("/setup/offers/" + number(s.south.Offer))
		b.await("has no offer")
		b.expect("404")
		b.open("/setup/users")
		b.await("This needs the role admin")
		b.expect("403")
		b.open("/history?noun=offer")
		b.await("there are no more")
		require.NotContains(t, b.text(), s.south.offerName)
		b.run(chromedp.KeyEvent("g"), chromedp.KeyEvent("i"), chromedp.WaitVisible(`//h1[contains(text(), "Integration")]`))
		b.run(chromedp.KeyEvent("g"), chromedp.KeyEvent("s"), chromedp.WaitVisible(`//h1[contains(text(), "Set-up")]`))
		b.run(chromedp.KeyEvent("g"), chromedp.KeyEvent("y"), chromedp.WaitVisible(`//h1[contains(text(), "History")]`))
	})
}

// setsUp is what an admin does for a new customer.
func (s *served) setsUp(b *browser) {
	s.t.Helper()
	b.open("/setup")
	b.look("setup")
	b.click(`//a[text()="New account"]`)
	b.fill("name", "west")
	b.fill("time_zone", "America/Lima")
	b.press("Create the account")
	b.await("Created.")
	accounts, err := reference.Accounts{Store: s.store}.List(b.t.Context(), "west")
	require.NoError(b.t, err)
	in := "?account=" + number(accounts[0].ID)
	require.Equal(b.t, "America/Lima", accounts[0].TimeZone)
	b.look("setup-account")
	b.open("/reports" + in)
	b.await("days and hours of America/Lima")
	b.open("/setup/accounts")
	b.await("3 accounts")
	b.look("setup-accounts")

	b.open("/setup/new/advertisers" + in)
	b.fill("name", "Shoe shop")
	b.press("Create the advertiser")
	b.await("Created.")
	b.open("/setup/new/publishers" + in)
	b.fill("name", "A blog")
	b.press("Create the publisher")
	b.await("Created.")

	b.open("/setup/new/offers" + in)
	for name, text := range map[string]string{"advertiser": "99999", "name": "Shoes", "destination": "https://shop.example/", "payout": "2.505", "revenue": "80%", "currency": "EUR"} {
		b.fill(name, text)
	}
	b.press("Create the offer")
	b.await("has more decimals than the currency")
	b.await("every postback for this offer would be refused")
	b.expect("400")
	typed, err := ask(b, chromedp.Value(`[name="payout"]`))
	require.NoError(b.t, err)
	require.Equal(b.t, "2.505", typed, "nothing that was typed is lost")
	b.look("setup-offer-wrong")
	advertisers, err := reference.Advertisers{Store: s.store}.List(b.t.Context(), accounts[0].ID, "")
	require.NoError(b.t, err)
	b.fill("advertiser", number(advertisers[0].ID))
	b.fill("destination", "https://shop.example/?clickid={transaction_id}")
	b.fill("payout", "2.50")
	b.press("Create the offer")
	b.await("Created.")
	b.await("An order_id may repeat.")
	b.look("setup-offer")

	b.open("/setup/new/domains" + in)
	b.fill("host", "px.shoes.invalid")
	b.press("Create the tracking domain")
	b.await("Created.")
	b.await("px.shoes.invalid")
	b.await("px.shoes.invalid:") // the look at it has ended
	b.look("setup-domain")

	b.open("/setup/new/tokens" + in)
	b.look("setup-token-new")
	b.press("Create the token")
	b.await("/postback?secure=i8t_")
	b.look("setup-token-made")
	b.open("/setup/tokens" + in)
	b.await("1 token")
	b.click(`//tbody//a[1]`)
	b.await("secure=TOKEN")
	b.press("Show the token")
	b.await("secure=i8t_")
	address, err := ask(b, chromedp.Location())
	require.NoError(b.t, err)
	require.NotContains(b.t, address, "i8t_")

	b.open("/setup/offers" + in)
	b.await("1 offer")
	b.look("setup-offers")
	b.click(`//tbody//a[1]`)
	b.click(`//a[text()="Links of this offer"]`)
	b.await("Tracking link")
	publishers, err := reference.Publishers{Store: s.store}.List(b.t.Context(), reference.PublisherFilter{Account: accounts[0].ID})
	require.NoError(b.t, err)
	b.run(chromedp.SendKeys("input[name=publisher]", number(publishers[0].ID)), chromedp.Submit("input[name=publisher]"))
	b.await("For publisher " + number(publishers[0].ID) + ", A blog")
}

// editsThePayout changes an offer that somebody else changes too, and reads both changes in
// the history.
func (s *served) editsThePayout(b *browser) {
	s.t.Helper()
	page := "/setup/offers/" + number(s.north.termed)
	b.open(page)
	b.await("1 publisher with terms of its own")
	edit, err := reference.OfferEditForm{Window: new("5d")}.Edit()
	require.NoError(b.t, err)
	_, err = s.store.EditOffer(b.t.Context(), s.north.ID, s.north.termed, edit.OfferChange)
	require.NoError(b.t, err)
	b.fill("payout", "3.75")
	b.press("Save")
	b.await("Somebody else has changed it")
	b.await("It is now: 5d")
	b.expect("409")
	b.look("setup-offer-changed")
	b.press("Save")
	b.await("Saved.")
	b.click(`//a[text()="History of this offer"]`)
	b.await("there are no more")
	text := strings.Join(strings.Fields(b.text()), " ")
	require.Regexp(b.t, `ann@console edit .*payout 2\.50 3\.75`, text)
	b.look("history")
	b.open("/history?account=" + number(s.north.ID))
	b.await("key")
	b.look("history-all")
}

// makesAUser lets a person in by a link that is shown once.
func (s *served) makesAUser(b *browser) {
	s.t.Helper()
	b.open("/setup/new/users")
	b.fill("name", "olga")
	b.run(chromedp.SetValue("#f-role", "operator"), chromedp.Click("#f-all"))
	b.press("Create the user")
	b.await("/login/link#i8l_")
	b.look("setup-user-made")
	text := b.text()
	link := text[strings.Index(text, s.console()+"/login/link#"):]
	link, _, _ = strings.Cut(link, "\n")
	other := newBrowser(b.t, s.console())
	other.run(chromedp.Navigate(link), chromedp.WaitVisible("header.top"))
	other.open("/you")
	other.await("Role operator, of all accounts")
	b.open("/setup/users")
	b.await("3 users")
	b.look("setup-users")
	b.open("/setup/new/keys?account=" + number(s.north.ID))
	b.fill("name", "nightly job")
	b.press("Create the key")
	b.await("Keep it now")
	b.look("setup-key-made")
	b.open("/setup/keys?account=" + number(s.north.ID))
	b.await("nightly job")
	b.look("setup-keys")
}
