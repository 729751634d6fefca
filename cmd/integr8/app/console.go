package app

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"integr8/handlers/api"
	"integr8/handlers/console"
	"integr8/handlers/doorclient"
	"integr8/handlers/operate/doctor"
	"integr8/handlers/operate/domains"
	"integr8/handlers/operate/queues"
	"integr8/handlers/operate/search"
	"integr8/handlers/operate/tester"
	"integr8/handlers/operate/users"
	"integr8/handlers/operate/version"
	"integr8/pipeline/connection"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// searchBudget is how long a search of the console looks at hits.
const searchBudget = 8 * time.Second

// newConsole makes the console, over the database of the API and its replica, which may be
// nil.
func (p *process) newConsole(db *store.Store, shared api.UseCases, replica *store.Replica) (*console.Console, error) {
	options := p.options.Web
	management, err := rabbit.NewManagement(p.options.AMQPURL, options.ManagementURL)
	if err != nil {
		return nil, failure.WithHint(err, "INTEGR8_MANAGEMENT_URL looks like http://host:15672; without it port 15672 of the hosts in AMQP_URL is asked")
	}
	return console.New(console.Options{
		UseCases: console.UseCases{
			Users:    users.Users{Store: db},
			Searches: search.Searches{Store: shared.Searches.Store, Budget: searchBudget},
			Traces:   shared.Traces,
			Reports:  shared.Reports,
			Audits:   shared.Audits,
			Queues:   shared.Queues,
			Intake:   shared.Intake,
			Letters:  shared.Letters,
			Jobs:     shared.Jobs,
			Alerts:   console.Alerts{Log: shared.Alerts, Rules: shared.AlertRules, Webhooks: shared.Webhooks},

			Accounts:    shared.Accounts,
			Advertisers: shared.Advertisers,
			Offers:      shared.Offers,
			Publishers:  shared.Publishers,
			Domains:     shared.Domains,
			Tokens:      shared.Tokens,
			Links:       shared.Links,
			Keys:        shared.Keys,
			Histories:   shared.Histories,
			Orders:      shared.Orders,
			CheckDomain: domains.New(options.PublicURL, net.DefaultResolver, domains.ByTLS, options.Alerts.PrivateWebhooks).Check,
			Tester: tester.Tester{
				Doors: doorclient.New(options.DoorsURL), Offers: shared.Offers, Publishers: shared.Publishers, Domains: shared.Domains,
				Links: shared.Links, Traces: shared.Traces, Keys: p.options.Keys,
			},

			Examine: func(ctx context.Context) (doctor.Report, error) {
				system := p.examined(db, shared.Queues, management)
				if replica != nil {
					system.Given = onReplica(replica.State())
				}
				return system.Examine(ctx)
			},
		},
		Version:       version.Read().Version,
		Timeout:       requestTime,
		ClientOf:      func(r *http.Request) netip.Addr { return clientOf(r, options.TrustedProxies) },
		Hide:          options.Hide,
		Logger:        p.logger,
		ReplicaBehind: func(ctx context.Context) (time.Duration, bool) { return store.ReplicaReadsIn(ctx).Behind() },
	}), nil
}

// examined is the system as this process knows it: its own disk says nothing of receivers.
func (p *process) examined(db *store.Store, watcher *queues.Watcher, management *rabbit.Management) doctor.System {
	options := p.options.Web
	return doctor.System{
		Store: db,
		Broker: &doctor.Broker{URL: p.options.AMQPURL, Topology: p.options.Topology, Management: management, Queues: func(ctx context.Context) ([]queues.Queue, error) {
			view, err := watcher.Look(ctx)
			return view.Queues, err
		}},
		Keys:       p.options.Keys,
		LateClicks: options.LateClicks, LateGrace: options.LateGrace,
		Hide: options.Hide, HintOf: failure.Hint,
	}
}

func clientOf(r *http.Request, trusted []netip.Prefix) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // as on a Unix socket
	}
	return connection.Client(from.Addr().Unmap().WithZone(""), strings.Join(r.Header.Values("X-Forwarded-For"), ","), trusted)
}
