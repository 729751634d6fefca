package system

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	_ "github.com/lib/pq" // the driver named "postgres"

	"integr8/cmd/chaos/model"
	"integr8/cmd/internal/stack"
)

// Options set up a system.
type Options struct {
	Binaries *Binaries
	Servers  *stack.Servers
	// Dir is the directory for logs and spools.
	Dir string
	// Faulty runs the processes with the faults of the build tag chaos.
	Faulty bool
	// Settings are environment variables for all processes.
	Settings []string
	// Through, if set, returns the address at which a process reaches a server: that of
	// a proxy, which can be cut.
	Through func(process, server, address string) (string, error)
}

// System is receivers and workers over a database and queues of their own.
type System struct {
	World     *model.World
	Receivers []*Process
	Workers   []*Process
	// DB is the checker's own connection to the database.
	DB *sql.DB

	options     Options
	binaries    *Binaries
	environment []string
	database    string
	databaseURL string
	prefix      string
	queueNames  []string
	// restore holds functions that undo changes to the servers.
	restore []func(context.Context) error
}

// The late-click window and the grace of a drill that sets none.
const (
	lateClicks = 24 * time.Hour
	lateGrace  = 2 * time.Minute
)

// New makes the database, the queues, the reference data and the processes, which do
// not run yet.
func New(ctx context.Context, options Options) (*System, error) {
	if err := os.MkdirAll(options.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the directory of the drill: %w", err)
	}
	name := "chaos_" + strings.ToLower(rand.Text()[:12])
	s := &System{
		World: &model.World{Secret: "drill " + rand.Text(), LateClicks: lateClicks, LateGrace: lateGrace}, options: options, binaries: options.Binaries,
		database: name, prefix: name + ".",
	}
	if err := s.createDatabase(ctx); err != nil {
		return nil, err
	}
	s.environment = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + options.Dir,
		"DATABASE_URL=" + s.databaseURL, "AMQP_URL=" + options.Servers.AMQPURL,
		// A program with the race detector otherwise waits for a second at its end.
		"GORACE=atexit_sleep_ms=0",
		"INTEGR8_SECRET=" + s.World.Secret, "INTEGR8_QUEUE_PREFIX=" + s.prefix, "INTEGR8_LOG_FORMAT=json",
		// All senders of a drill share one network, and the checker looks for every
		// refusal.
		"INTEGR8_JUNK_RATE=0", "INTEGR8_JUNK_RATE_PER_NETWORK=0", "INTEGR8_MAX_CONNECTIONS_PER_SENDER=8192",
	}, options.Settings...)
	if _, err := s.Integr8(ctx, "migrate"); err != nil {
		return nil, errors.Join(err, s.Remove(ctx))
	}
	if err := s.queues(ctx); err != nil {
		return nil, errors.Join(err, s.Remove(ctx))
	}
	if err := s.found(ctx, s.World); err != nil {
		return nil, errors.Join(err, s.Remove(ctx))
	}
	if err := s.makeProcesses(); err != nil {
		return nil, errors.Join(err, s.Remove(ctx))
	}
	return s, nil
}

func (s *System) makeProcesses() error {
	for i := range 2 {
		receiver, receiverErr := s.makeProcess(fmt.Sprintf("receiver-%d", i+1), "receive")
		worker, workerErr := s.makeProcess(fmt.Sprintf("worker-%d", i+1), "work")
		if err := errors.Join(receiverErr, workerErr); err != nil {
			return err
		}
		s.Receivers, s.Workers = append(s.Receivers, receiver), append(s.Workers, worker)
	}
	return nil
}

func (s *System) makeProcess(name, command string) (*Process, error) {
	p, err := newProcess(name, command, s.binary(), s.options.Dir, s.environment)
	if err != nil || s.options.Through == nil {
		return p, err
	}
	database, databaseErr := s.options.Through(name, "Postgres", s.databaseURL)
	broker, brokerErr := s.options.Through(name, "broker", s.options.Servers.AMQPURL)
	p.Set("DATABASE_URL="+database, "AMQP_URL="+broker)
	return p, errors.Join(databaseErr, brokerErr)
}

// Start starts all processes and waits until they serve.
func (s *System) Start(ctx context.Context) error {
	for _, p := range s.Processes() {
		if err := p.Start(); err != nil {
			return err
		}
	}
	for _, p := range s.Processes() {
		if err := p.Ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// binary returns the program that the drill runs.
func (s *System) binary() string {
	if s.options.Faulty {
		return s.binaries.Faulty
	}
	return s.binaries.Integr8
}

// Processes returns all processes, receivers first.
func (s *System) Processes() []*Process {
	return append(append([]*Process(nil), s.Receivers...), s.Workers...)
}

// Addresses returns the addresses of the receivers.
func (s *System) Addresses() []string {
	var addresses []string
	for _, p := range s.Receivers {
		addresses = append(addresses, p.Addr)
	}
	return addresses
}

// Stop stops every running process in good order, receivers first.
func (s *System) Stop(ctx context.Context) error {
	var errs []error
	for _, p := range s.Processes() {
		if p.Running() {
			errs = append(errs, p.Stop(ctx))
		}
	}
	return errors.Join(errs...)
}

// Kill kills every running process.
func (s *System) Kill(ctx context.Context) error {
	var errs []error
	for _, p := range s.Processes() {
		if p.Running() {
			errs = append(errs, p.Kill(ctx))
		}
	}
	return errors.Join(errs...)
}

// Remove drops the database and the queues. The processes must have ended.
func (s *System) Remove(ctx context.Context) error {
	errs := []error{s.DB.Close()}
	for _, restore := range s.restore {
		errs = append(errs, restore(ctx))
	}
	_, err := s.onServer(ctx, "DROP DATABASE IF EXISTS "+s.database+" WITH (FORCE)")
	return errors.Join(append(errs, err, s.removeQueues(ctx))...)
}
