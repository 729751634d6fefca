package app_test

import (
	"context"
	_ "embed"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browser is a headless Chromium that looks at a console. It notes what no page may do:
// errors in its console, and requests to another host.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu     sync.Mutex
	faults []string
}

// browserTime bounds what a browser is asked for at once.
const browserTime = time.Minute

// step is what a browser is told to do.
type step = chromedp.Action[chromedp.Void]

// newBrowser starts a browser without any cookie, which ends with the test. base is the
// address of the console. Tests with browsers are not parallel to others: browsers take the
// processors before the servers do, and each would wait for what the others slow down.
func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	require.NoError(t, err, "these tests need Chromium: make test installs it (on Debian: apt-get install chromium)")
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(browserTime), chromedp.ModifyCmdFunc(keepPriority))
	allocated, freed := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closed := chromedp.NewContext(allocated)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until it has ended; the test is over
		closed()
		freed()
	})
	b := &browser{t: t, ctx: ctx, base: base}
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	t.Cleanup(func() { require.Empty(t, b.seen(), "what no page may do") })
	return b
}

// keepPriority takes from a browser that root starts the right to run before all else, which
// Chromium uses: the servers that its page waits for would get no processor.
func keepPriority(browser *exec.Cmd) {
	if os.Geteuid() != 0 {
		return
	}
	browser.Args = append([]string{"setpriv", "--bounding-set=-sys_nice", "--", browser.Path}, browser.Args[1:]...)
	browser.Path = "/usr/bin/setpriv" // of util-linux, which each Debian has
}

func (b *browser) listen(event any) {
	fault := ""
	switch event := event.(type) {
	case *runtime.EventExceptionThrown:
		fault = "exception: " + event.ExceptionDetails.Text + " " + event.ExceptionDetails.Exception.Description
	case *log.EventEntryAdded:
		if event.Entry.Level == log.EntryLevelError {
			fault = "error: " + event.Entry.Text + " " + event.Entry.URL
		}
	case *network.EventRequestWillBeSent:
		if to, err := url.Parse(event.Request.URL); err != nil || to.Scheme+"://"+to.Host != b.base && to.Scheme != "data" && to.Scheme != "about" {
			fault = "request to " + event.Request.URL
		}
	}
	if fault == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, fault)
}

func (b *browser) seen() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.faults
}

// expect takes back a fault that the test provoked.
func (b *browser) expect(text string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, fault := range b.faults {
		if strings.Contains(fault, text) {
			b.faults = append(b.faults[:i:i], b.faults[i+1:]...)
			return
		}
	}
	require.Fail(b.t, "no such fault", "%q in %q", text, b.faults)
}

// forgive takes back all faults with a text that the test provoked, however many there are.
func (b *browser) forgive(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = slices.DeleteFunc(b.faults, func(fault string) bool { return strings.Contains(fault, text) })
}

func (b *browser) run(actions ...step) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserTime)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		require.NoError(b.t, err, "the page shows: %s", b.text())
	}
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.base+path), chromedp.WaitVisible(chromedp.CSS("main")))
}

// text is what the page shows.
func (b *browser) text() string {
	text, _ := ask(b, chromedp.Evaluate[string](`document.querySelector("main")?.innerText ?? ""`)) // while a page changes there is none
	return text
}

// ask returns what an action does.
func ask[T any](b *browser, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, browserTime)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// await waits until the page shows a text.
func (b *browser) await(text string) {
	b.t.Helper()
	if !assert.Eventually(b.t, func() bool { return strings.Contains(b.text(), text) }, patience, 100*time.Millisecond) {
		require.FailNow(b.t, "it never came", "%q; the page shows: %s", text, b.text())
	}
}

// strike presses a key until it has had its effect: a page that has just come may not
// listen yet.
func (b *browser) strike(key, effect string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		b.run(chromedp.KeyEvent(key))
		there, _ := ask(b, chromedp.Evaluate[bool]("document.querySelector("+strconv.Quote(effect)+") !== null"))
		return there
	}, patience, 100*time.Millisecond)
}

// click clicks on what an XPath finds, once nothing on the page moves any more, and waits
// for the page that follows.
func (b *browser) click(what string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		still, err := ask(b, chromedp.Evaluate[bool](`document.readyState === "complete" && !document.querySelector(".htmx-request")`))
		return err == nil && still // while a page changes there is an error
	}, patience, 20*time.Millisecond)
	b.run(chromedp.Click(what))
}

func (b *browser) logIn(name, password string) {
	b.t.Helper()
	b.open("/login")
	b.run(chromedp.SendKeys("#name", name), chromedp.SendKeys("#password", password), chromedp.Submit("#password"), chromedp.WaitVisible("header.top"))
}

// search types into the box in the head of all pages.
func (b *browser) search(text string) {
	b.t.Helper()
	// The protocol types the slash although the page has taken the key.
	b.run(chromedp.KeyEvent("/"), chromedp.WaitVisible("#q:focus"), chromedp.KeyEvent(kb.Backspace), chromedp.SendKeys("#q", text))
	typed, err := ask(b, chromedp.Value("#q"))
	require.NoError(b.t, err)
	require.Equal(b.t, text, typed)
	b.run(chromedp.Submit("#q"))
}

// shapes are the ways in which each page is pictured.
var shapes = map[string]struct {
	width int64
	theme string
}{
	"light": {1360, "light"}, "dark": {1360, "dark"}, "phone": {390, "light"}, "phone-dark": {390, "dark"},
}

// requireNoFlags demands that a text does not send those who have no command line to
// flags of one.
func requireNoFlags(t *testing.T, text string) {
	t.Helper()
	// What only a person at the servers can do stays a command.
	text = regexp.MustCompile("`integr8 (doctor|key|user|topology|rollup|retention|work|web|up)\\b[^`]*`").ReplaceAllString(text, "")
	require.NotRegexp(t, `(^|[^\w-])--[a-z]`, text)
	require.NotRegexp(t, "integr8 (account|advertiser|publisher|offer|domain|token|dead|job|trace|queues|audit|report|find)\\b", text)
}

// look demands that everybody can use the page, also on a phone, and pictures it.
func (b *browser) look(name string) {
	b.t.Helper()
	requireNoFlags(b.t, b.text())
	_, err := ask(b, chromedp.Evaluate[string](axe+"; axe.version"))
	require.NoError(b.t, err)
	for _, theme := range []string{"light", "dark"} {
		b.shape(1360, theme)
		found, err := ask(b, chromedp.Evaluate[looked](looking, chromedp.EvalAwaitPromise))
		require.NoError(b.t, err)
		require.Greater(b.t, found.Passed, 5, "%s: too few to prove anything", name)
		require.Empty(b.t, found.Wrong, "%s in the theme %s", name, theme)
	}
	b.shape(390, "light")
	wide, err := ask(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
	require.NoError(b.t, err)
	require.LessOrEqual(b.t, wide, 390, "%s is wider than a phone: the page scrolls to the side", name)
	b.shape(1360, "light")
	b.picture(name)
}

// axe is axe-core, and looking is what it is asked.
//
//go:embed testdata/axe/axe.min.js
var axe string

const looking = `axe.run().then((found) => ({
	passed: found.passes.length,
	wrong: found.violations.flatMap((rule) => rule.nodes.map((node) => rule.id + ": " + node.html)),
}))`

// looked is what it has seen.
type looked struct {
	Passed int      `json:"passed"`
	Wrong  []string `json:"wrong"`
}

// picture saves the page in each shape into the directory of INTEGR8_SCREENSHOTS, if that
// is set: see make screenshots.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("INTEGR8_SCREENSHOTS")
	if dir == "" {
		return
	}
	for shape, of := range shapes {
		b.shape(of.width, of.theme)
		image, err := ask(b, chromedp.FullScreenshot(100))
		require.NoError(b.t, err)
		require.NoError(b.t, os.MkdirAll(dir, 0o755))
		require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+"-"+shape+".png"), image, 0o644))
	}
	b.shape(1360, "light")
}

// shape sets the width of the window, and the theme of the system.
func (b *browser) shape(width int64, theme string) {
	b.t.Helper()
	b.run(chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
		})
		return err
	}))
}
