package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	amqp "github.com/rabbitmq/amqp091-go"

	"integr8/cmd/integr8/app"
	"integr8/handlers"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/token"
)

// settings are shared by all commands, each of which checks what it needs.
type settings struct {
	DatabaseURL   string        `name:"database-url" env:"DATABASE_URL" group:"servers" placeholder:"URL" help:"Postgres, as postgres://user:password@host:5432/name."`
	AMQPURL       string        `name:"amqp-url" env:"AMQP_URL" group:"servers" placeholder:"URL,..." help:"RabbitMQ, as amqp://user:password@host:5672/; of a cluster, several nodes."`
	ReplicaURL    string        `name:"replica-url" env:"INTEGR8_REPLICA_URL" group:"servers" placeholder:"URL" help:"A standby of that Postgres, from which the console and the HTTP API read reports, searches and lists of hits and conversions. Default: none, all is read from DATABASE_URL."`
	ReplicaLag    time.Duration `name:"replica-lag" env:"INTEGR8_REPLICA_LAG" group:"servers" range:"1s..24h" default:"1m" placeholder:"DURATION" help:"How far behind that standby may be. While it is further behind, or away, DATABASE_URL is read in place of it."`
	ManagementURL string        `name:"management-url" env:"INTEGR8_MANAGEMENT_URL" group:"servers" placeholder:"URL" help:"RabbitMQ's management API, which doctor asks for bindings and policies. Default: the hosts of AMQP_URL, 10000 above its port."`
	Secret        string        `env:"INTEGR8_SECRET" group:"servers" placeholder:"SECRET,..." help:"Service secrets: the first signs, all verify. To change it, first start every process with CURRENT,NEW and then with NEW,CURRENT. Make one with: openssl rand -hex 32."`

	QueuePrefix   string   `env:"INTEGR8_QUEUE_PREFIX" group:"servers" placeholder:"TEXT" help:"Put before the name of every queue and exchange, so that several systems share one broker."`
	QueueMaxBytes byteSize `env:"INTEGR8_QUEUE_MAX_BYTES" group:"servers" range:"64KiB..1PiB" default:"8GiB" help:"Bytes that one queue holds before it pushes back to its publishers."`

	Addr               string         `env:"INTEGR8_ADDR" group:"http" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where a receiver listens for clicks and postbacks."`
	AdminAddr          string         `env:"INTEGR8_ADMIN_ADDR" group:"http" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where /healthz, /readyz and /metrics are served: one address for each process of a machine."`
	AdminPassword      string         `env:"INTEGR8_ADMIN_PASSWORD" group:"http" placeholder:"PASSWORD" help:"Asked for at the admin address, of user admin, for all but /healthz and /readyz. Needed where that is not a loopback address."`
	WebAddr            string         `env:"INTEGR8_WEB_ADDR" group:"http" default:"127.0.0.1:8082" placeholder:"HOST:PORT" help:"Where the HTTP API and the console listen, of integr8 up and integr8 web; off for none in integr8 up. It speaks plain HTTP: where it is not a loopback address, put a proxy with TLS in front."`
	WebRate            int            `env:"INTEGR8_WEB_RATE" group:"http" range:"0..1000000" default:"20" placeholder:"N" help:"Requests a second that one key of the HTTP API may make, with twice as many at once; a further one is answered 429. 0 sets no bound."`
	WebWrongKeys       int            `env:"INTEGR8_WEB_WRONG_KEYS" group:"http" range:"0..1000000" default:"20" placeholder:"N" help:"Wrong keys a minute, and at once, that one client address may send to the HTTP API, or one /64 network of IPv6; after that its keys are answered 429, but for those that have worked before. As many wrong tokens and links it may send to /receipt. 0 sets no bound."`
	ReusePort          bool           `env:"INTEGR8_REUSE_PORT" group:"http" help:"Let several receivers of one machine listen at the same address, so that a new one, with a spool directory of its own, starts before the old one stops."`
	DrainDelay         time.Duration  `env:"INTEGR8_DRAIN_DELAY" group:"http" range:"0s..1h" default:"0s" help:"How long a stopping receiver still takes requests while /readyz already fails, so that load balancers look elsewhere first."`
	PublicURL          string         `name:"public-url" env:"INTEGR8_PUBLIC_URL" group:"http" placeholder:"URL" help:"Base of the links that token show and offer show print (default: http:// and the address)."`
	DoorsURL           string         `name:"doors-url" env:"INTEGR8_DOORS_URL" group:"http" placeholder:"URL" help:"Where integr8 test and the console reach a receiver to fire tests, where that is another address than the public one (default: INTEGR8_PUBLIC_URL)."`
	TrustedProxies     []trustedProxy `env:"INTEGR8_TRUSTED_PROXIES" group:"http" placeholder:"ADDRESS" help:"Addresses or networks whose X-Forwarded-For is believed."`
	MaxURLBytes        byteSize       `name:"max-url-bytes" env:"INTEGR8_MAX_URL_BYTES" group:"http" range:"1KiB..256KiB" default:"8KiB" help:"The longest URL taken; a longer one is answered 414."`
	MaxBodyBytes       byteSize       `env:"INTEGR8_MAX_BODY_BYTES" group:"http" range:"1KiB..8MiB" default:"64KiB" help:"The largest body taken; a larger one is answered 413."`
	MaxConnections     int            `env:"INTEGR8_MAX_CONNECTIONS" group:"http" range:"0..1000000" default:"0" placeholder:"N" help:"Connections that may be open at the doors at once; past it those are closed that have been idle for the longest, then those whose request is arriving or whose answer is not read, and only where none is left is a new one answered 503. 0 derives it: what ulimit -n allows but 256, and at most 8192."`
	MaxConnsPerSender  int            `name:"max-connections-per-sender" env:"INTEGR8_MAX_CONNECTIONS_PER_SENDER" group:"http" range:"1..1000000" default:"1024" placeholder:"N" help:"Connections that one client address may have open, or one /64 network of IPv6; a further one is answered 429. Trusted proxies have no such bound."`
	MaxBytesUnderWay   byteSize       `env:"INTEGR8_MAX_BYTES_UNDER_WAY" group:"http" range:"1MiB..64GiB" default:"64MiB" help:"The most bytes for requests that have not come whole, each with the buffers that it may fill, and for bodies that are being handled; past it one that has not come whole is answered 503: the oldest of the address that has the most."`
	MaxPerSender       int            `env:"INTEGR8_MAX_PER_SENDER" group:"http" range:"0..1000000" default:"0" placeholder:"N" help:"Requests a second that one client address may make, or one /64 network of IPv6; a further one is answered 429. Mind that an advertiser sends the postbacks of all visitors from few addresses. 0 sets no bound."`
	JunkRate           int            `env:"INTEGR8_JUNK_RATE" group:"http" range:"0..1000000" default:"20" placeholder:"N" help:"Refused requests a second that a receiver records, with 20 times as many at once, and as many hits with an unknown token that are kept for long; further refusals are only counted, further unknown tokens kept for a day. 0 sets no bound."`
	JunkRatePerNetwork int            `env:"INTEGR8_JUNK_RATE_PER_NETWORK" group:"http" range:"0..1000000" default:"5" placeholder:"N" help:"The same of one network: 256 addresses of IPv4, or 48 bits of IPv6. 0 sets no bound."`
	BatchHits          int            `env:"INTEGR8_BATCH_HITS" group:"http" range:"1..4096" default:"128" help:"The most hits that share an AMQP message, when many arrive at once; 1 sends each alone, in watermill-amqp's own form, which costs more."`
	ConfirmTimeout     time.Duration  `env:"INTEGR8_CONFIRM_TIMEOUT" group:"http" range:"100ms..5m" default:"5s" help:"How long the broker may take to confirm a message before the connection counts as hung."`
	SpoolDir           string         `env:"INTEGR8_SPOOL_DIR" group:"http" type:"path" placeholder:"DIR" help:"Directory, one for each receiver, of the hits that the broker does not take and of the reference data to start from while the database is away. It must outlive the process. Default: integr8/ADDRESS in $XDG_STATE_HOME, or in ~/.local/state."`
	SpoolAfter         time.Duration  `env:"INTEGR8_SPOOL_AFTER" group:"http" range:"1ms..1m" default:"250ms" help:"How long the broker may take to confirm a hit before a receiver puts it on disk and answers."`
	SpoolMaxBytes      byteSize       `env:"INTEGR8_SPOOL_MAX_BYTES" group:"http" range:"0..1PiB" default:"1GiB" help:"The most bytes of hits on disk; past them a hit that the broker does not take is answered 503, and a click is sent on unrecorded. 0 puts none on disk."`

	Prefetch   int           `env:"INTEGR8_PREFETCH" group:"work" range:"1..65535" default:"256" help:"Messages that a worker takes from a queue ahead; one may hold up to 128 hits."`
	LateClicks time.Duration `env:"INTEGR8_LATE_CLICKS" group:"work" range:"0s..365d" default:"24h" help:"How long a postback waits for a click that has not been written yet, from when it was received."`
	LateGrace  time.Duration `env:"INTEGR8_LATE_GRACE" group:"work" range:"0s..1d" default:"2m" help:"How long it waits at least from when it is first looked at, or replayed; and how long workers must have kept up with the clicks before a wait ends. Longer than a worker takes with a hit that it was given."`

	SMTPURL      string   `name:"smtp-url" env:"INTEGR8_SMTP_URL" group:"alerts" placeholder:"URL" help:"Mail server for the notices of alerts, as smtp://user:password@host:587 (with STARTTLS) or smtps://user:password@host:465. Default: no e-mail."`
	AlertFrom    string   `env:"INTEGR8_ALERT_FROM" group:"alerts" placeholder:"ADDRESS" help:"Sender of the e-mail."`
	AlertTo      []string `env:"INTEGR8_ALERT_TO" group:"alerts" placeholder:"ADDRESS" help:"Recipients of the e-mail: ADDRESS has the notices of all accounts, ACCOUNT=ADDRESS those of one, by its number."`
	AlertPrivate bool     `env:"INTEGR8_ALERT_PRIVATE" group:"alerts" help:"Allow webhooks, and looks at tracking domains, at addresses that are not public: of this machine and of private networks."`

	Timeout         time.Duration `env:"INTEGR8_TIMEOUT" group:"process" range:"100ms..24h" default:"30s" help:"How long a command may take that is no server. Long work (migrate, report, dead replay and discard, spool drain) is not limited as a whole: it is given up when a server has not answered for that long."`
	ShutdownTimeout time.Duration `env:"INTEGR8_SHUTDOWN_TIMEOUT" group:"process" range:"1s..1h" default:"20s" help:"How long a stopping process may take to finish what is under way."`
	LogLevel        slog.Level    `env:"INTEGR8_LOG_LEVEL" group:"process" default:"info" help:"The least level that is logged: debug, info, warn or error."`
	LogFormat       string        `env:"INTEGR8_LOG_FORMAT" group:"process" default:"text" enum:"text,json" help:"Form of the log lines: text or json."`
	Profile         bool          `env:"INTEGR8_PROFILE" group:"process" help:"Serve Go's profiles below /debug/pprof/ of the admin address."`
}

// settingGroups are the headings of the help; settingGroup tells the groups
// that hold settings from those of commands.
var settingGroups = []kong.Group{
	{Key: "run", Title: "Run"},
	{Key: "setup", Title: "Set up"},
	{Key: "reference", Title: "Accounts and offers"},
	{Key: "operate", Title: "Operate"},
	{Key: "servers", Title: "Settings: servers"},
	{Key: "http", Title: "Settings: receiver"},
	{Key: "work", Title: "Settings: worker"},
	{Key: "alerts", Title: "Settings: notices of alerts"},
	{Key: "process", Title: "Settings: process"},
}

// databaseURL is the checked address of Postgres.
func (s *settings) databaseURL() (string, error) {
	if s.DatabaseURL == "" {
		return "", failure.WithHint(errors.New("DATABASE_URL is not set"),
			"name the Postgres to use: export DATABASE_URL=postgres://user:password@host:5432/name")
	}
	return postgresURL("DATABASE_URL", s.DatabaseURL)
}

// replicaURL is the checked address of the replica, empty for none.
func (s *settings) replicaURL() (string, error) {
	if s.ReplicaURL == "" {
		return "", nil
	}
	return postgresURL("INTEGR8_REPLICA_URL", s.ReplicaURL)
}

func postgresURL(setting, value string) (string, error) {
	// The errors of url.Parse quote the URL, and with it the password.
	address, err := url.Parse(value)
	if err != nil || (address.Scheme != "postgres" && address.Scheme != "postgresql") || address.Host == "" {
		return "", failure.WithHint(fmt.Errorf("%s cannot be read", setting),
			"it must look like postgres://user:password@host:5432/name; percent-encode what is special in the password")
	}
	return value, nil
}

// amqpURL is the checked address of RabbitMQ, or of its nodes.
func (s *settings) amqpURL() (string, error) {
	if s.AMQPURL == "" {
		return "", failure.WithHint(errors.New("AMQP_URL is not set"),
			"name the RabbitMQ to use: export AMQP_URL=amqp://user:password@host:5672/")
	}
	for address := range strings.SplitSeq(s.AMQPURL, ",") {
		if _, err := amqp.ParseURI(strings.TrimSpace(address)); err != nil {
			return "", failure.WithHint(errors.New("AMQP_URL cannot be read"),
				"it must look like amqp://user:password@host:5672/; percent-encode what is special in the password")
		}
	}
	return s.AMQPURL, nil
}

// keys are the checked service secrets.
func (s *settings) keys() (token.Keys, error) {
	if s.Secret == "" {
		return token.Keys{}, failure.WithHint(errors.New("INTEGR8_SECRET is not set"),
			"set the one that the other processes have (make run keeps its own in .stack/secret); for a new system make one with `openssl rand -hex 32` and keep it safe")
	}
	keys, err := token.ParseKeys(s.Secret)
	if err != nil {
		return token.Keys{}, failure.WithHint(fmt.Errorf("INTEGR8_SECRET: %w", err),
			"make one with `openssl rand -hex 32`; several are separated by commas; the first signs")
	}
	return keys, nil
}

// topology names the queues and exchanges.
func (s *settings) topology() rabbit.Topology {
	return faultyTopology(rabbit.Topology{Prefix: s.QueuePrefix, MaxBytes: int64(s.QueueMaxBytes), Topics: handlers.Topics()})
}

// publicURL is the base of the links that are printed: a scheme and a host.
func (s *settings) publicURL() (*url.URL, error) {
	if s.PublicURL == "" {
		host, port, err := net.SplitHostPort(s.Addr)
		if err != nil {
			return nil, app.AddressError(app.ForHits, s.Addr, err)
		}
		if address := net.ParseIP(host); host == "" || address.IsUnspecified() {
			host = "localhost"
		}
		return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, nil
	}
	return baseURL("INTEGR8_PUBLIC_URL", s.PublicURL)
}

// doorsURL is where this process reaches the doors.
func (s *settings) doorsURL() (*url.URL, error) {
	if s.DoorsURL == "" {
		return s.publicURL()
	}
	return baseURL("INTEGR8_DOORS_URL", s.DoorsURL)
}

// baseURL reads a scheme and a host, and perhaps a port and a path.
func baseURL(name, text string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(text), "/"))
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.User != nil ||
		base.RawQuery != "" || base.Fragment != "" {
		return nil, failure.WithHint(errors.New(name+" cannot be read"), "it must look like https://track.example.com")
	}
	return base, nil
}

// alerts are the options of notices.
func (s *settings) alerts() app.Alerts {
	return app.Alerts{MailServer: s.SMTPURL, MailFrom: s.AlertFrom, MailTo: s.AlertTo, PrivateWebhooks: s.AlertPrivate}
}

// secrets are the texts that must never be printed.
func (s *settings) secrets() []string {
	found := append(strings.Split(s.Secret, ","), s.AdminPassword)
	for _, address := range append(strings.Split(s.AMQPURL, ","), s.DatabaseURL, s.ReplicaURL, s.ManagementURL, s.SMTPURL) {
		address = strings.TrimSpace(address)
		parsed, err := url.Parse(address)
		switch {
		case err != nil: // nobody knows where the password is in it
			found = append(found, address)
		case parsed.User != nil:
			password, _ := parsed.User.Password()
			found = append(found, password, url.QueryEscape(password), url.PathEscape(password))
		}
		if err == nil { // lib/pq takes ?password= as well
			found = append(found, parsed.Query().Get("password"))
		}
	}
	for i := range found {
		found[i] = strings.TrimSpace(found[i])
	}
	return found
}
