package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/users"
	"integr8/pipeline/outcome"
)

const strayToken = "older-Kq7Zp2Vx9-Rt4Wm8Yb3-77"

const userPassword = "a password for tests"

// user makes a user, of an account or of all (0).
func (s *served) user(name string, role users.Role, account int64) {
	s.t.Helper()
	_, err := users.Users{Store: s.store}.Create(s.t.Context(), users.NewUser{Name: name, Role: role, Account: account, Password: userPassword})
	require.NoError(s.t, err)
}

// loseQueue deletes a queue, as somebody at the broker may, and returns how to have it back.
func (s *served) loseQueue(name string) (restored func()) {
	s.t.Helper()
	connection, err := amqp.Dial(s.options.AMQPURL)
	require.NoError(s.t, err)
	defer connection.Close()
	channel, err := connection.Channel()
	require.NoError(s.t, err)
	_, err = channel.QueueDelete(s.options.Topology.Prefix+name, false, false, false)
	require.NoError(s.t, err)
	return func() { require.NoError(s.t, s.options.Topology.Declare(s.t.Context(), s.options.AMQPURL)) }
}

// console is the address of the pages.
func (s *served) console() string { return strings.TrimSuffix(s.base, "/api/v1") }

// TestPeopleSeeWhatIsWrongFindAnOrderAndReplay drives a browser through the console as
// each role.
func TestPeopleSeeWhatIsWrongFindAnOrderAndReplay(t *testing.T) {
	s := serveAPI(t)
	s.user("ann", users.Admin, 0)
	s.user("olga", users.Operator, 0)
	s.user("vic", users.Viewer, s.north.ID)
	for i := range 20 { // for pictures
		s.fire("/click", "offer", number(s.north.Offer), "publisher", number(s.north.Publisher), "sub_id", fmt.Sprint("summer-", i%4))
		s.fire("/clickless", "secure", s.north.Global, "offer", number(s.north.paused), "publisher", number(s.north.Publisher), "external_transaction_id", fmt.Sprint("E-", i))
	}

	for range 7 { // of the system that the advertiser used before
		s.fire("/postback", "secure", strayToken, "transaction_id", s.north.transaction)
	}

	t.Run("an operator", func(t *testing.T) {
		b := newBrowser(t, s.console())
		b.open("/dead?reason=offer_paused")
		require.Contains(t, b.text(), "Password")
		b.look("login")
		b.run(chromedp.SendKeys("#name", "olga"), chromedp.SendKeys("#password", "wrong "+userPassword), chromedp.Submit("#password"))
		b.await("do not belong together")
		b.expect("401")
		b.run(chromedp.SendKeys("#password", userPassword), chromedp.Submit("#password"), chromedp.WaitVisible("#letters"))
		require.Contains(t, b.text(), "offer paused", "he is where he wanted to go")

		b.open("/")
		b.await("dead letters to look at")
		b.await("looked")
		b.await("receiver, web, worker")
		b.await("0 unaccounted")
		b.run(chromedp.WaitVisible("#chart canvas"))
		b.look("now")

		b.search(s.north.order)
		b.await("1 conversion by order id")
		b.look("search")
		b.search(s.north.receipt.String())
		b.await("recorded request")
		b.await("revenue")
		require.Contains(t, b.text(), s.north.transaction)
		b.look("trace")
		b.search(s.north.Global)
		b.await("by token")
		address, err := ask(b, chromedp.Location())
		require.NoError(t, err)
		require.NotContains(t, address, s.north.Global)

		b.open("/trace/" + s.north.deadLetter.String())
		b.click(`//button[text()="Replay"]`)
		b.await("Replayed")
		s.await(s.north.deadLetter, outcome.Rejected)
		b.open("/dead/" + s.north.deadLetter.String())
		b.await("replayed by olga@console")
		b.click(`//button[text()="Discard"]`)
		b.await("Discarded")
		b.click(`//button[text()="Undo the discarding"]`)
		b.await("it is open again")
		b.look("letter")

		b.open("/dead")
		b.await("offer paused")
		b.click(`//a[text()="offer paused"]`)
		b.await("Who sent them")
		b.look("dead")
		b.run(chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.KeyEvent("k"), chromedp.WaitVisible("[data-row].current"))
		b.run(chromedp.KeyEvent("g"), chromedp.KeyEvent("h"))
		b.await("newest first")
		b.strike("j", "[data-row].current")
		b.run(chromedp.KeyEvent(kb.Enter))
		b.await("Trace")
		b.open("/queues")
		b.await("postbacks")
		b.run(chromedp.SendKeys(`form[action="/queues/postbacks/pause"] input`, "the offers are wrong"), chromedp.Submit(`form[action="/queues/postbacks/pause"] input`))
		b.await("The intake of the queue postbacks is paused by olga@console since")
		b.look("queues")
		b.click(`//button[@aria-label="Resume postbacks"]`)
		b.await("Resumed.")
		require.Eventually(t, func() bool { return !strings.Contains(b.text(), "is paused by") }, patience, 100*time.Millisecond)
		b.open("/hits?outcome=converted")
		b.await("there are no more")
		b.look("hits")
		b.open("/you")
		b.await("Logged in at 1 browser")
		b.look("you")
		b.run(chromedp.KeyEvent("?"), chromedp.WaitVisible("#keys"))
		b.look("keys")
		b.open("/nowhere")
		b.await("There is no such page")
		b.expect("404")
	})

	t.Run("a viewer of an account", func(t *testing.T) {
		b := newBrowser(t, s.console())
		b.logIn("vic", userPassword)
		b.open("/")
		b.await("looked")
		b.look("now-account")
		require.NotContains(t, b.text(), "Queues")
		require.NotContains(t, b.text(), "unaccounted")
		b.open("/queues")
		b.await("you see one account")
		b.expect("403")
		b.open("/trace/" + s.south.receipt.String())
		b.await("nothing is known")
		b.expect("404")
		b.open("/hits?account=" + number(s.south.ID))
		require.NotContains(t, b.text(), s.south.receipt.String())
		require.Contains(t, b.text(), s.north.receipt.String(), "the parameter chooses nothing for him")
		b.open("/trace/" + s.north.deadLetter.String())
		require.NotContains(t, b.text(), "Replay")
		b.open("/integration?account=" + number(s.south.ID))
		require.Contains(t, b.text(), s.north.offerName)
		require.NotContains(t, b.text(), s.south.offerName)
		require.NotContains(t, b.text(), "Show the token")
		b.open("/integration?offer=" + number(s.south.Offer))
		b.await("has no offer")
		b.expect("404")
	})

	t.Run("an admin by a link", func(t *testing.T) {
		link, err := users.Users{Store: s.store}.NewLink(context.Background(), "ann")
		require.NoError(t, err)
		b := newBrowser(t, s.console())
		b.run(chromedp.Navigate(s.console()+"/login/link#"+link), chromedp.WaitVisible("header.top"))
		b.await("looked")

		_, err = ask(b, chromedp.Evaluate[bool](`(() => { trouble.setAttribute("hx-get", "/none"); htmx.process(trouble); return true; })()`))
		require.NoError(t, err)
		b.run(chromedp.WaitVisible("#old"))
		b.look("now-old")
		_, err = ask(b, chromedp.Evaluate[bool](`(() => { trouble.setAttribute("hx-get", "/now/trouble"); htmx.process(trouble); return true; })()`))
		require.NoError(t, err)
		b.run(chromedp.WaitNotVisible("#old"))
		b.forgive("404")

		s.buildsALink(b)
		b.open("/")

		restored := s.loseQueue("retry.10m")
		b.await(", 1 broken")
		require.Regexp(t, `broken [^\n]*retry\.10m is missing[^\n]*\s+[^\n]*[Rr]un .integr8 topology`, b.text(), "what is wrong, and what to do")
		b.look("now-broken")
		restored()
		require.Eventually(t, func() bool { return !strings.Contains(b.text(), ", 1 broken") }, patience, 100*time.Millisecond)
	})
}

// buildsALink is what an admin does for an advertiser: he builds a link, looks at the
// token, and takes over the one that came from another system.
func (s *served) buildsALink(b *browser) {
	s.t.Helper()
	b.open("/integration")
	b.await("Choose an account")
	b.look("integration-accounts")
	b.click(`//td/a[text()="north"]`)
	b.await("Choose an offer")
	b.await("came 7 times from")
	b.look("integration-offers")
	b.click(`//td/a[text()="` + s.north.offerName + `"]`)
	b.await("Tracking link")
	require.NotContains(b.t, b.text(), s.north.Global)
	b.run(chromedp.SendKeys("input[name=publisher]", number(s.north.Publisher)), chromedp.SendKeys("input[name=sub_id]", "summer sale"), chromedp.Submit("input[name=sub_id]"))
	b.await("For publisher " + number(s.north.Publisher) + ", " + s.north.publisherName)
	require.Contains(b.t, b.text(), "/click?offer="+number(s.north.Offer)+"&publisher="+number(s.north.Publisher)+"&sub_id=summer+sale")
	b.look("integration-offer")

	b.click(`(//button[text()="Show the token"])[1]`)
	b.await(s.north.Global)
	address, err := ask(b, chromedp.Location())
	require.NoError(b.t, err)
	require.NotContains(b.t, address, s.north.Global)
	copied, err := ask(b, chromedp.Evaluate[[]string](`[...document.querySelectorAll("[data-copy]")].map((one) => one.dataset.copy)`))
	require.NoError(b.t, err)
	all := strings.Join(copied, "\n")
	for _, link := range []string{"/click?", "/postback?secure=" + s.north.Global, "<img src=", "/clickless?secure=" + s.north.Global} {
		require.Contains(b.t, all, link)
	}
	b.look("integration-token")

	b.open("/integration?account=" + number(s.north.ID))
	b.await("came 7 times from")
	b.click(`//a[text()="Import it?"]`)
	b.await("Another one is not taken")
	b.look("integration-import")
	b.run(chromedp.SendKeys("input[name=token]", strayToken), chromedp.Submit("input[name=token]"))
	b.await("is imported")
	b.await("is known by now")
}
