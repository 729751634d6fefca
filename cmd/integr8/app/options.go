package app

import (
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"integr8/handlers"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/token"
)

// Options say what a process does and what it works with. The errors of Run name a
// setting as integr8 --help does: INTEGR8_ADDR is Receiver.Addr.
type Options struct {
	// Receiver is set for a process that takes hits in, Worker for one that decides
	// them, and Web for one that serves the HTTP API and carries out jobs. A process may do
	// all of it.
	Receiver *Receiver
	Worker   *Worker
	Web      *Web

	// DatabaseURL names Postgres: postgres://user:password@host:5432/name. Its schema
	// must be up to date: see integr8 migrate.
	DatabaseURL string
	// AMQPURL names RabbitMQ: amqp://user:password@host:5672/; of a cluster, several
	// nodes, separated by commas.
	AMQPURL string
	// Topology names the queues and exchanges, which must be there: see integr8 topology.
	// Its topics are those of package handlers.
	Topology rabbit.Topology
	// Keys are the service secrets.
	Keys token.Keys

	// BatchHits is the most hits that share an AMQP message; 1 sends each alone.
	BatchHits int
	// ConfirmTimeout is how long the broker may take to confirm a message before the
	// connection counts as hung.
	ConfirmTimeout time.Duration
	// ShutdownTimeout is how long Run may take, once its context has ended, to finish
	// what is under way.
	ShutdownTimeout time.Duration

	// MakeRoom is told how many bytes reference data takes, before it does. Default:
	// nothing is told.
	MakeRoom func(bytes int)

	Admin  Admin
	Logger *slog.Logger // Default: slog.Default().
	// Clock returns the time, for the doors and for housekeeping. Default: time.Now.
	Clock func() time.Time
}

// Admin is the address of /healthz, /readyz and /metrics.
type Admin struct {
	Addr string
	// Password is asked for, of the user admin, for all but the probes. It is needed,
	// with 12 bytes at least, where Addr is no loopback address.
	Password string
	// Profile serves Go's profiles below /debug/pprof/.
	Profile bool
}

// Receiver are the options of the doors. See receiver.Options for the bounds.
type Receiver struct {
	Addr string
	// ReusePort lets several receivers of one machine listen at Addr, so that a new
	// one, with a SpoolDir of its own, starts before the old one stops.
	ReusePort bool
	// DrainDelay is how long a receiver that stops still takes requests while /readyz
	// already fails.
	DrainDelay time.Duration
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix

	MaxURLBytes, MaxBodyBytes int
	// MaxConnections of 0 stands for what the limit of open files allows but 256, and
	// at most 8192.
	MaxConnections          int
	MaxConnectionsPerSender int
	MaxBytesUnderWay        int
	// MaxPerSender is in requests a second; 0 sets no bound.
	MaxPerSender int
	// JunkPerSecond and JunkPerNetwork of 0 set no bound.
	JunkPerSecond, JunkPerNetwork int

	// SpoolDir keeps, for one receiver, the hits that the broker does not take, and the
	// reference data to start from while the database is away. It must outlive the
	// process.
	SpoolDir string
	// SpoolDirsNear are directories, besides the one that SpoolDir is in, in which those
	// of other receivers lie. Hits that nobody drains there are warned of.
	SpoolDirsNear []string
	// SpoolAfter is how long the broker may take to confirm a hit before it is put on
	// disk and its sender answered.
	SpoolAfter time.Duration
	// SpoolMaxBytes is the most that waits on disk; 0 puts nothing there.
	SpoolMaxBytes int64
}

// Worker are the options of the handlers.
type Worker struct {
	// Prefetch is how many messages are taken from a queue ahead.
	Prefetch int
	// LateClicks is how long a postback waits for a click that has not been written
	// yet, from when it was received.
	LateClicks time.Duration
	// LateGrace is how long it waits at least from when it is first looked at, and how
	// long workers must have kept up with the clicks before a wait ends.
	LateGrace time.Duration
}

// Web are the options of the HTTP API and the console.
type Web struct {
	Addr string
	// Rate is how many requests a second a key may make, with twice as many at once; 0
	// sets no bound.
	Rate int
	// WrongKeys is how many wrong keys a minute a client address may send, and at once,
	// before it is refused, and as many wrong tokens for receipts; 0 sets no bound.
	WrongKeys int
	// TrustedProxies are those of the receivers.
	TrustedProxies []netip.Prefix
	// PublicURL is the base of the links that offers are shown with.
	PublicURL *url.URL
	// DoorsURL is where the process reaches the doors, at which tests are fired.
	DoorsURL *url.URL
	// LateClicks and LateGrace are those of the workers: clicks are kept so long after an
	// offer's window.
	LateClicks, LateGrace time.Duration
	// ManagementURL is that of RabbitMQ's management API; empty for port 15672 of its hosts.
	ManagementURL string
	// Hide removes secrets from what the console shows of an error; nil when there are none.
	Hide func(string) string
	// ReplicaURL names a standby of the database that reports and searches read; empty for
	// none. ReplicaLag is how far behind it may be.
	ReplicaURL string
	ReplicaLag time.Duration
	// Alerts says how the notices of alerts are sent.
	Alerts Alerts
}

// Defaults returns the options of a process that is receiver, worker and API, as integr8
// up has them without any setting. Servers, keys and SpoolDir are the caller's to add.
func Defaults() Options {
	return Options{
		Receiver: &Receiver{
			Addr:                    "127.0.0.1:8080",
			MaxURLBytes:             8 << 10,
			MaxBodyBytes:            64 << 10,
			MaxConnectionsPerSender: 1024,
			MaxBytesUnderWay:        64 << 20,
			JunkPerSecond:           20,
			JunkPerNetwork:          5,
			SpoolAfter:              250 * time.Millisecond,
			SpoolMaxBytes:           1 << 30,
		},
		Worker: &Worker{Prefetch: 256, LateClicks: 24 * time.Hour, LateGrace: 2 * time.Minute},
		Web: &Web{
			Addr: "127.0.0.1:8082", Rate: 20, WrongKeys: 20, LateClicks: 24 * time.Hour, LateGrace: 2 * time.Minute,
			PublicURL:  &url.URL{Scheme: "http", Host: "127.0.0.1:8080"},
			DoorsURL:   &url.URL{Scheme: "http", Host: "127.0.0.1:8080"},
			ReplicaLag: time.Minute,
		},
		Topology:        rabbit.Topology{MaxBytes: rabbit.DefaultMaxBytes, Topics: handlers.Topics()},
		BatchHits:       128,
		ConfirmTimeout:  5 * time.Second,
		ShutdownTimeout: 20 * time.Second,
		Admin:           Admin{Addr: "127.0.0.1:8081"},
	}
}
