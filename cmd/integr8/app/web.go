package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/handlers/api"
	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/jobs"
	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/links"
	"integr8/handlers/operate/orders"
	"integr8/handlers/operate/queues"
	"integr8/handlers/operate/receipt"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/search"
	"integr8/handlers/operate/trace"
	"integr8/handlers/operate/version"
	"integr8/pipeline/connection"
	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

const (
	// requestTime bounds what a request of the API may take.
	requestTime = 30 * time.Second
	// lookTime bounds a look at the queues, so that a broker that hangs leaves the
	// database its time.
	lookTime = 10 * time.Second
)

// addWeb adds the HTTP API and the console to the process. They have connections to the database of its
// own: no request takes one from hits that are decided.
func (p *process) addWeb(ctx context.Context) error {
	options := p.options.Web
	// The server itself ends a statement that takes four fifths of its bound.
	db, err := store.OpenBounded(p.options.DatabaseURL, requestTime*5/4)
	if err != nil {
		return err
	}
	p.add(component{name: "database of the API", stops: storing, close: func() error {
		_ = db.Close() // as in closeStore
		return nil
	}})
	listener, err := listen(ctx, net.ListenConfig{}, ForWeb, options.Addr)
	if err != nil {
		return err
	}
	replica, err := p.addReplica(db)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	beside := newBeside()
	useCases := p.useCases(db, beside)
	if replica != nil {
		reading := db.Reading(replica)
		useCases.Searches.Store, useCases.Reports.Store = reading, reading
	}
	pages, err := p.newConsole(db, useCases, replica)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	p.add(component{name: "work beside the API", run: beside.run})
	served := http.NewServeMux()
	served.Handle("/", pages)
	served.Handle("/api/", api.New(api.Options{
		UseCases: useCases,
		Version:  version.Read().Version,
		Rate:     options.Rate,
		Timeout:  requestTime,
		Logger:   p.logger,

		WrongKeys:      options.WrongKeys,
		TrustedProxies: options.TrustedProxies,
	}))
	served.Handle(api.ReceiptPath+"/", api.NewReceipts(api.ReceiptOptions{
		Receipts: receipt.Receipts{Store: db, Keys: p.options.Keys},
		Timeout:  requestTime,
		Logger:   p.logger,

		WrongTokens:    options.WrongKeys,
		TrustedProxies: options.TrustedProxies,
	}))
	p.addFigures(db)
	server := newWebServer(noteReplica(served), options.TrustedProxies)
	ready := required(func(ctx context.Context) (string, error) { return "", probed(db.Ping(ctx)) })
	if p.options.Receiver != nil || p.options.Worker != nil {
		ready = ready.tolerated("away, the API answers 503")
	}
	p.add(component{
		name: "API", ready: ready,
		run: func(ctx context.Context) error { return p.serveOn(ctx, ForWeb, listener, server, 0) },
		close: func() error {
			pages.Close()
			// An address that was not served.
			if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("leave the address of the API: %w", err)
			}
			return nil
		},
	})
	p.web.set(listener.Addr())
	return p.addAlerts(db)
}

// useCases returns what the API calls.
func (p *process) useCases(db *store.Store, beside *beside) api.UseCases {
	base, watcher := links.Base{URL: p.options.Web.PublicURL}, p.watcher(db)
	offers := reference.Offers{Store: db, Links: base, LateClicks: p.options.Web.LateClicks}
	letters := dead.Letters{Store: db, Broker: apiBroker{p}, Keys: p.options.Keys}
	return api.UseCases{
		Keys:     keys.Keys{Store: db},
		Accounts: reference.Accounts{Store: db},
		Searches: search.Searches{Store: db},
		Traces:   trace.Traces{Store: db, Keys: p.options.Keys},
		Reports:  report.Reports{Store: db},
		Audits:   audit.Audits{Store: db, Queues: watcher},

		Histories: history.Histories{Store: db},

		Alerts:     alerts.Log{Store: db},
		AlertRules: alerts.Rules{Store: db},
		Webhooks:   alerts.Webhooks{Store: db, Keys: p.options.Keys},

		Queues:  watcher,
		Intake:  queues.Intake{Store: db, Topics: p.options.Topology.TopicNames()},
		Letters: letters,
		Jobs:    jobs.Jobs{Store: db, Letters: letters},
		Offers:  offers,
		Orders: &orders.Switches{Offers: offers, Beside: beside.start, Failed: func(offer int64, err error) {
			p.logger.Warn("unique orders of an offer are not switched on", "offer", offer, "error", err)
		}},
		Publishers:  reference.Publishers{Store: db},
		Advertisers: reference.Advertisers{Store: db},
		Domains:     reference.Domains{Store: db},
		Tokens:      reference.Tokens{Store: db},
		Links:       links.Tokens{Store: db, Keys: p.options.Keys, Base: base},
		Named:       db,
	}
}

// watcher returns what looks at the queues.
func (p *process) watcher(db *store.Store) *queues.Watcher {
	topology := p.options.Topology
	limited := func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, lookTime)
	}
	return &queues.Watcher{Topology: topology, Pauses: db.PausedQueues,
		Broker: queues.RabbitMQ{Topology: topology, URL: p.options.AMQPURL, Limit: limited}}
}

// apiBroker is RabbitMQ for replays, over the connection that the process has.
type apiBroker struct{ *process }

// Depths returns how full the queues are, by name without the prefix.
func (b apiBroker) Depths(ctx context.Context) (map[string]rabbit.Depth, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	depths, err := b.options.Topology.Depths(ctx, b.options.AMQPURL)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]rabbit.Depth, len(depths))
	for _, depth := range depths {
		byName[strings.TrimPrefix(depth.Queue, b.options.Topology.Prefix)] = depth
	}
	return byName, nil
}

// Publisher returns the publisher of the process, which a replay does not close.
func (b apiBroker) Publisher() (message.Publisher, error) { return unclosed{b.publisher}, nil }

// unclosed is a publisher that somebody else closes.
type unclosed struct{ *rabbit.Publisher }

// Close does nothing.
func (unclosed) Close() error { return nil }

// Bounds of the API's connections and headers. A header holds a key, and what a proxy adds.
const (
	webConnections    = 256
	webPerSender      = 64 // of them, of one address that is no trusted proxy's
	webHeaderBytes    = 16 << 10
	webHeaderTime     = 5 * time.Second
	webIdle           = time.Minute
	webWriteAfterwork = 30 * time.Second // for a client that reads slowly
)

// webServer serves the API. It has bounds of its own, so that no client of it takes
// anything from the doors.
type webServer struct {
	*http.Server
	trusted []netip.Prefix
}

func newWebServer(handler http.Handler, trusted []netip.Prefix) webServer {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: webHeaderTime,
		ReadTimeout:       requestTime,
		WriteTimeout:      requestTime + webWriteAfterwork,
		IdleTimeout:       webIdle,
		MaxHeaderBytes:    webHeaderBytes,
	}
	monitor.FollowConnections(server)
	return webServer{server, trusted}
}

// Serve accepts connections from a listener, webConnections at most, and webPerSender of
// them from one sender.
func (s webServer) Serve(listener net.Listener) error {
	return s.Server.Serve(connection.NewListener(listener, connection.Options{
		Max: webConnections, MaxPerSender: webPerSender,
		Sender:  func(remote net.Addr) (netip.Addr, bool) { return connection.SenderOfConn(remote, s.trusted) },
		Refused: refuseWeb,
	}))
}

// refuseWeb responds to a connection that is one too many. The response fits into any
// socket's buffer, so that the write does not wait.
func refuseWeb(refused net.Conn, _ connection.Bound) {
	_, _ = refused.Write([]byte("HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\nConnection: close\r\n\r\n" +
		"too many connections are open, from your address or in all: try again later\n"))
}
