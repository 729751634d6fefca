package api

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/dead"
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
	"integr8/handlers/operate/trace"
)

// UseCases are what the operations call.
type UseCases struct {
	Keys        keys.Keys
	Accounts    reference.Accounts
	Searches    search.Searches
	Traces      trace.Traces
	Reports     report.Reports
	Audits      audit.Audits
	Histories   history.Histories
	Queues      *queues.Watcher
	Intake      queues.Intake
	Letters     dead.Letters
	Jobs        jobs.Jobs
	Alerts      alerts.Log
	AlertRules  alerts.Rules
	Webhooks    alerts.Webhooks
	Offers      reference.Offers
	Publishers  reference.Publishers
	Advertisers reference.Advertisers
	Domains     reference.Domains
	Tokens      reference.Tokens
	// Links shows tokens with their secrets.
	Links links.Tokens
	// Named looks up what a filter names.
	Named reference.NamedStore
	// Orders switches unique orders of offers.
	Orders *orders.Switches
}

// Options are what the API works with.
type Options struct {
	UseCases
	// Version is that of the program.
	Version string
	// Rate is how many requests a second a key may make, with twice as many at once; 0
	// sets no bound.
	Rate int
	// WrongKeys is how many wrong keys a minute a client address may send, and at once,
	// before it is refused; 0 sets no bound.
	WrongKeys int
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Timeout bounds the time of a request, which ends with 503.
	Timeout time.Duration
	Logger  *slog.Logger
}

// Path is where the API is served.
const Path = "/api/v1"

// mostBodyBytes bounds the body of a request, and bodyTime how long it may take to come.
const (
	mostBodyBytes = 256 << 10
	bodyTime      = 10 * time.Second
)

// api holds the operations.
type api struct {
	Options
	huma   huma.API
	limits *limit.Limits[int64]
	wrong  *wrongKeys
}

// New returns the handler of the API. It serves the paths below Path, and answers any
// other with a problem.
func New(options Options) http.Handler {
	a := &api{Options: options, limits: limit.New[int64](float64(options.Rate), 2*options.Rate), wrong: newWrongKeys(options.WrongKeys)}
	mux := http.NewServeMux()
	a.huma = humago.NewWithPrefix(mux, Path, a.config())
	a.huma.UseMiddleware(a.admit)
	a.addReads()
	a.addWrites()
	nullPointers(a.huma.OpenAPI().Components.Schemas)
	historyObjects(a.huma.OpenAPI().Components.Schemas)
	return a.bounded(mux)
}

// config is that of the library: JSON only, no pages, and nothing that is not asked for.
func (a *api) config() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "integr8",
				Version: a.Version,
				Description: "Conversions, hits, dead letters, reports and reference data of an account. A key, made by `integr8 key create`, " +
					"opens one account; an operator's key opens all of them. Lists are pages: `next` is the `cursor` of the next one. " +
					"Times are UTC, amounts are decimal numbers in strings. Errors are problems (RFC 9457) with a `reason` for programs and a `hint` for people.",
			},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{bearer: {Type: "http", Scheme: "bearer", Description: "A key: i8k_ and 64 hex digits."}},
			},
		},
		OpenAPIPath:                  "/openapi",
		Formats:                      huma.DefaultFormats, // JSON, also of problems
		RejectUnknownQueryParameters: true,
	}
}

// bearer is the name of the way to authenticate.
const bearer = "key"
