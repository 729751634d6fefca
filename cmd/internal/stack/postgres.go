package stack

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	_ "github.com/lib/pq" // the driver named "postgres"

	"integr8/cmd/internal/ports"
	"integr8/cmd/internal/process"
	"integr8/cmd/internal/proctree"
)

// databaseName is the name of the database and of its owner.
const databaseName = "integr8"

type postgresRecord struct {
	// Home is the directory of the data when the stack's own directory cannot hold them;
	// otherwise empty.
	Home     string `json:"home,omitempty"`
	Port     int    `json:"port,omitempty"`
	Password string `json:"password,omitempty"`
	// Ready is set once it has responded. Before that there are no data.
	Ready bool `json:"ready,omitempty"`
	// Disposable is set when it was started so that it does not wait for the disk.
	Disposable bool        `json:"disposable,omitempty"`
	Process    proctree.ID `json:"process,omitzero"`
}

// postgres is the stack's Postgres.
type postgres struct {
	postgresRecord
	dir    string
	ledger *ledger
	say    Say
	// settings are those of Options.
	settings []string
	// standbyOf is that of Options.
	standbyOf string
	// samePort makes a start fail instead of changing the address that others already
	// use.
	samePort bool
}

func (p *postgres) title() string        { return "Postgres" }
func (p *postgres) root() proctree.ID    { return p.Process }
func (p *postgres) quit() syscall.Signal { return syscall.SIGINT } // fast shutdown
func (p *postgres) log() string          { return filepath.Join(p.dir, "postgres.log") }
func (p *postgres) insideHome() string   { return filepath.Join(p.dir, "postgres") }
func (p *postgres) url() string          { return p.urlOf(databaseName) }
func (p *postgres) ports() []int         { return []int{p.Port} }
func (p *postgres) commit() error {
	return p.ledger.change(func(r *record) { r.Postgres = p.postgresRecord })
}
func (p *postgres) data() string                   { return filepath.Join(p.home(), "data") }
func (p *postgres) strays() ([]proctree.ID, error) { return strayPostgres(p.data()) }

func (p *postgres) home() string {
	if p.Home != "" {
		return p.Home
	}
	return p.insideHome()
}

func (p *postgres) urlOf(database string) string {
	address := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(databaseName, p.Password),
		Host:     ports.Loopback(p.Port),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return address.String()
}

func (p *postgres) forget() error {
	p.Process = proctree.ID{}
	return p.commit()
}

// start starts Postgres and returns when the database can be used.
func (p *postgres) start(ctx context.Context) error {
	if p.Process.Alive() {
		if err := rejoin(ctx, p.say, p, p.ask); err != nil {
			return err
		}
		return p.answered()
	}
	if err := endStrays(ctx, p.say, p); err != nil {
		return err
	}
	as, err := p.prepare(ctx)
	if err != nil {
		return fmt.Errorf("prepare the data of Postgres: %w", err)
	}
	programs, err := findPostgres(postgresLibrary, p.dataVersion())
	if err != nil {
		return err
	}
	if err := p.removeStaleLock(); err != nil {
		return err
	}
	p.say("starting Postgres %d", programs.major)
	b := &boot{server: p, ports: p.ports, choose: p.choose, ask: p.ask, log: p.log(), launch: func() error {
		return p.launch(programs, as)
	}}
	if err := b.run(ctx, p.say); err != nil {
		return err
	}
	return p.answered()
}

// answered records that there are data to keep from now on.
func (p *postgres) answered() error {
	p.Ready = true
	return p.commit()
}

func (p *postgres) choose() error {
	port, err := keepPort(p, p.say, p.Port, p.samePort, ports.Choose)
	if err != nil {
		return err
	}
	p.Port = port
	return p.commit()
}

func (p *postgres) launch(programs postgresPrograms, as account) error {
	durable := "on"
	if p.Disposable {
		durable = "off"
	}
	arguments := []string{
		"-D", p.data(),
		"-p", strconv.Itoa(p.Port),
		"-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", // paths of sockets are bounded to 107 bytes
		"-c", "cluster_name=integr8",
		"-c", "max_connections=200",
		"-c", "fsync=" + durable,
		"-c", "full_page_writes=" + durable,
		"-c", "synchronous_commit=on",
		// With it integr8 doctor reports the missing fsync as intended.
		"-c", "integr8.disposable=" + strconv.FormatBool(p.Disposable),
		"-c", "timezone=UTC",
		"-c", "log_timezone=UTC",
		"-c", "logging_collector=off",
	}
	for _, setting := range p.settings {
		arguments = append(arguments, "-c", setting)
	}
	started, err := launch(process.Program{
		Name: p.title(),
		Path: programs.path("postgres"),
		Args: arguments,
		Dir:  p.data(),
		Env:  plainEnvironment(),
		Log:  p.log(),
		As:   as.credential(),
	})
	if err != nil {
		return err
	}
	p.Process = started
	return p.commit()
}

// ask checks that the database can be used, and makes it at first use.
func (p *postgres) ask(ctx context.Context) error {
	if !p.Ready {
		if err := p.createDatabase(ctx); err != nil {
			return err
		}
	}
	return p.with(databaseName, func(db *sql.DB) error {
		var one int
		return db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
	})
}

func (p *postgres) createDatabase(ctx context.Context) error {
	return p.with("postgres", func(db *sql.DB) error {
		var exists bool
		if err := db.QueryRowContext(ctx,
			"SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", databaseName).Scan(&exists); err != nil || exists {
			return err
		}
		_, err := db.ExecContext(ctx, "CREATE DATABASE "+databaseName)
		return err
	})
}

func (p *postgres) with(database string, use func(*sql.DB) error) error {
	db, err := sql.Open("postgres", p.urlOf(database))
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	return errors.Join(use(db), db.Close())
}

// dataVersion returns the major version that made the data, 0 when there are none.
func (p *postgres) dataVersion() int {
	text, err := os.ReadFile(filepath.Join(p.data(), "PG_VERSION"))
	if err != nil {
		return 0
	}
	return majorOf(string(text))
}

// removeStaleLock removes the lock file that a killed Postgres left behind. Postgres
// refuses to start when the process id in that file belongs to any process, which is
// frequent after a restart of the machine. At this point it is certain that no Postgres
// works in this directory.
func (p *postgres) removeStaleLock() error {
	err := os.Remove(filepath.Join(p.data(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove the lock file of a Postgres that has ended: %w", err)
	}
	p.say("an earlier Postgres of this stack did not end in good order; it will recover")
	return nil
}

// newPassword returns a password with at least 128 random bits, of letters and digits
// only, so that it needs no escaping in URLs and files.
func newPassword() string { return rand.Text() }
