package console

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/domains"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/limit"
	"integr8/handlers/operate/links"
	"integr8/handlers/operate/orders"
	"integr8/handlers/operate/queues"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/search"
	"integr8/handlers/operate/tester"
	"integr8/handlers/operate/trace"
	"integr8/handlers/operate/users"
)

// UseCases are what the pages call.
type UseCases struct {
	Users    users.Users
	Searches search.Searches
	Traces   trace.Traces
	Reports  report.Reports
	Audits   audit.Audits
	Queues   *queues.Watcher
	Intake   queues.Intake
	Letters  dead.Letters
	Jobs     jobs.Jobs
	Alerts   Alerts

	Accounts    reference.Accounts
	Advertisers reference.Advertisers
	Offers      reference.Offers
	Publishers  reference.Publishers
	Domains     reference.Domains
	Tokens      reference.Tokens
	Links       links.Tokens
	Keys        keys.Keys
	Histories   history.Histories
	// Orders switches unique orders of offers.
	Orders *orders.Switches
	// CheckDomain looks where a tracking domain leads, and at its certificate.
	CheckDomain func(ctx context.Context, host string) (domains.Check, error)
	Tester      tester.Tester

	// Examine looks for what is broken in the whole system.
	Examine func(context.Context) (doctor.Report, error)
}

// Options are what the console works with.
type Options struct {
	UseCases
	// Version is that of the program.
	Version string
	// Timeout bounds the time of a request.
	Timeout time.Duration
	// ClientOf returns the address of a request's client, behind proxies that are trusted.
	ClientOf func(*http.Request) netip.Addr
	// Hide removes secrets from the text of an error; nil when there are none.
	Hide   func(string) string
	Logger *slog.Logger
	// ReplicaBehind returns how far the replica is behind that a request was answered
	// from; false when none was read. nil where there is none.
	ReplicaBehind func(context.Context) (time.Duration, bool)
}

// Console serves the pages. It is safe for concurrent use.
type Console struct {
	Options
	pages    *pages
	static   *static
	attempts *attempts
	// checks bounds how often a user looks at domains.
	checks  *limit.Limits[int64]
	now     nowKept
	rates   rates
	unknown *kept[unknownTokens]
	served  http.Handler
	// demands is what each page demands, by its pattern.
	demands map[string]access

	// background ends what is read in the background.
	background context.Context
	end        context.CancelFunc
	reading    sync.WaitGroup
}

// New returns a console, which the caller closes.
func New(options Options) *Console {
	c := &Console{Options: options, static: newStatic(), attempts: newAttempts(options.Users), demands: map[string]access{}}
	if c.Hide == nil {
		c.Hide = func(text string) string { return text }
	}
	if c.ReplicaBehind == nil {
		c.ReplicaBehind = func(context.Context) (time.Duration, bool) { return 0, false }
	}
	c.checks = limit.New[int64](1/checkEvery.Seconds(), checksAtOnce)
	c.background, c.end = context.WithCancel(context.Background())
	c.pages = newPages(c.static)
	c.now, c.unknown = c.keepNow(), c.keepUnknown()
	mux := http.NewServeMux()
	mux.Handle("GET "+staticPath, c.static)
	c.route(mux)
	c.served = secured(c.bounded(mux))
	return c
}

// ServeHTTP serves a page.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.served.ServeHTTP(w, r) }

// Close ends what is read in the background, and waits for it.
func (c *Console) Close() {
	c.end()
	c.reading.Wait()
}

// route registers the pages, each with the access that it demands.
func (c *Console) route(mux *http.ServeMux) {
	viewer, operator := access{role: users.Viewer}, access{role: users.Operator}
	whole := access{role: users.Viewer, whole: true}
	c.open(mux, "GET /login", c.logInPage)
	c.open(mux, "POST /login", c.logIn)
	c.open(mux, "GET /login/link", c.linkPage)
	c.open(mux, "POST /login/link", c.logInByLink)
	c.page(mux, "POST /logout", viewer, c.logOut)
	c.page(mux, "GET /you", viewer, c.you)
	c.page(mux, "POST /you/sessions", viewer, c.endSession)

	c.page(mux, "GET /{$}", viewer, c.nowPage)
	c.page(mux, "GET /now/trouble", viewer, c.nowPart("trouble"))
	c.page(mux, "GET /now/state", viewer, c.nowPart("state"))
	c.page(mux, "GET /now/minutes", viewer, c.nowMinutes)
	c.page(mux, "GET /queues", whole, c.queuesPage)
	c.page(mux, "POST /queues/{queue}/{act}", access{role: users.Operator, whole: true}, c.pauseQueue)

	c.page(mux, "GET /search", viewer, c.searchPage)
	c.page(mux, "POST /search", viewer, c.search)
	c.page(mux, "GET /trace/{id}", viewer, c.tracePage)
	c.page(mux, "GET /hits", viewer, c.hitsPage)

	c.page(mux, "GET /dead", viewer, c.deadPage)
	c.page(mux, "GET /dead/counts", viewer, c.deadCountsPage)
	c.page(mux, "GET /dead/{receipt}", viewer, c.letterPage)
	c.page(mux, "POST /dead/{act}", operator, c.actOnNamed)
	c.routeJobs(mux, viewer, operator)

	c.page(mux, "GET /reports", viewer, c.reportsPage)
	c.page(mux, "GET /reports/chart", viewer, c.reportChart)
	c.page(mux, "GET /reports.csv", viewer, c.reportCSV)
	c.page(mux, "GET /conversions", viewer, c.conversionsPage)

	c.routeAlerts(mux)
	c.routeSetup(mux)

	c.page(mux, "GET /integration", viewer, c.integrationPage)
	c.page(mux, "POST /integration", revealing, c.reveal)
	c.page(mux, "POST /integration/test", operator, c.fireTest)
	c.page(mux, "GET /integration/unknown", viewer, c.unknownPart)
	c.page(mux, "GET /integration/import", revealing, c.importPage)
	c.page(mux, "POST /integration/import", revealing, c.importToken)

	c.page(mux, "GET /", viewer, func(v *visit) error { return errNoPage })
}
