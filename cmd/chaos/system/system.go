package system

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/lib/pq" // the driver named "postgres"

	"integr8/cmd/chaos/model"
	"integr8/cmd/devstack/private"
)

// Options set a system up.
type Options struct {
	Binaries *Binaries
	Servers  *private.Servers
	// Dir takes the logs and spools.
	Dir string
	// Faulty runs the processes with the faults of the build tag chaos.
	Faulty bool
	// Settings are variables of the environment that all processes get.
	Settings []string
	// DatabaseURL and AMQPURL, where set, are how a process reaches the
	// servers: through a proxy that can be cut. The broker's is asked for by
	// the name of the process.
	DatabaseURL func(process, database string) (string, error)
	AMQPURL     func(process string) (string, error)
	Receivers   int
	Workers     int
}

// System is receivers and workers over a database and queues of their own.
type System struct {
	World     *model.World
	Receivers []*Process
	Workers   []*Process
	// DB is the checker's own way to the database.
	DB *sql.DB

	options     Options
	binaries    *Binaries
	environment []string
	database    string
	databaseURL string
	prefix      string
	queueNames  []string
	// restore undoes what was changed on the servers.
	restore []func(context.Context) error
}

// The late-click window and the grace of a drill that names no others.
const (
	lateClicks = 24 * time.Hour
	lateGrace  = 2 * time.Minute
)

// New makes the database, the queues and the reference data, and processes
// that do not run yet.
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
		// A program with the race detector otherwise rests a second at its end.
		"GORACE=atexit_sleep_ms=0",
		"INTEGR8_SECRET=" + s.World.Secret, "INTEGR8_QUEUE_PREFIX=" + s.prefix, "INTEGR8_LOG_FORMAT=json",
		// All senders of a drill share one network, and every refusal is looked for.
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
	for i := range s.options.Receivers + s.options.Workers {
		command, name := "receive", fmt.Sprintf("receiver-%d", i+1)
		if i >= s.options.Receivers {
			command, name = "work", fmt.Sprintf("worker-%d", i+1-s.options.Receivers)
		}
		p, err := newProcess(name, command, s.binary(), s.options.Dir, s.environment)
		if err != nil {
			return err
		}
		if s.options.DatabaseURL != nil {
			address, err := s.options.DatabaseURL(name, s.databaseURL)
			if err != nil {
				return err
			}
			p.Set("DATABASE_URL=" + address)
		}
		if s.options.AMQPURL != nil {
			address, err := s.options.AMQPURL(name)
			if err != nil {
				return err
			}
			p.Set("AMQP_URL=" + address)
		}
		if command == "receive" {
			s.Receivers = append(s.Receivers, p)
		} else {
			s.Workers = append(s.Workers, p)
		}
	}
	return nil
}

func (s *System) createDatabase(ctx context.Context) error {
	admin, err := sql.Open("postgres", s.options.Servers.DatabaseURL)
	if err != nil {
		return fmt.Errorf("make the drill's database: %w", err)
	}
	_, err = admin.ExecContext(ctx, "CREATE DATABASE "+s.database)
	if err := errors.Join(err, admin.Close()); err != nil {
		return fmt.Errorf("make the drill's database: %w", err)
	}
	address, err := url.Parse(s.options.Servers.DatabaseURL)
	if err != nil {
		return errors.New("DATABASE_URL cannot be read")
	}
	address.Path = "/" + s.database
	s.databaseURL = address.String()
	if s.DB, err = sql.Open("postgres", s.databaseURL); err != nil {
		return fmt.Errorf("open the drill's database: %w", err)
	}
	s.DB.SetMaxOpenConns(4)
	return nil
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

// binary is the program that the drill runs.
func (s *System) binary() string {
	if s.options.Faulty {
		return s.binaries.Faulty
	}
	return s.binaries.Integr8
}

// Processes returns all of them, receivers first.
func (s *System) Processes() []*Process {
	return append(append([]*Process(nil), s.Receivers...), s.Workers...)
}

// Addresses returns those that the receivers serve.
func (s *System) Addresses() []string {
	var addresses []string
	for _, p := range s.Receivers {
		addresses = append(addresses, p.Addr)
	}
	return addresses
}

// Stop ends every process that runs in good order, receivers first.
func (s *System) Stop(ctx context.Context) error {
	var errs []error
	for _, p := range s.Processes() {
		if p.Running() {
			errs = append(errs, p.Stop(ctx))
		}
	}
	return errors.Join(errs...)
}

// Kill ends every process that runs at once.
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
	closing := s.DB.Close()
	for _, restore := range s.restore {
		closing = errors.Join(closing, restore(ctx))
	}
	admin, err := sql.Open("postgres", s.options.Servers.DatabaseURL)
	if err != nil {
		return fmt.Errorf("drop the drill's database: %w", err)
	}
	_, err = admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+s.database+" WITH (FORCE)")
	return errors.Join(closing, err, admin.Close(), s.removeQueues(ctx))
}

// Dir is where the logs are.
func (s *System) Dir() string { return filepath.Clean(s.options.Dir) }
