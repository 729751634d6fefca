package stack

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"integr8/cmd/internal/ports"
	"integr8/cmd/internal/process"
	"integr8/cmd/internal/proctree"
)

type epmdRecord struct {
	Port    int         `json:"port,omitempty"`
	Process proctree.ID `json:"process,omitzero"`
}

// epmd is Erlang's port mapper, through which the nodes of a cluster find one another.
// The stack has its own, so that its nodes find no others.
type epmd struct {
	epmdRecord
	dir    string
	ledger *ledger
	say    Say
}

func (e *epmd) title() string        { return "epmd" }
func (e *epmd) root() proctree.ID    { return e.Process }
func (e *epmd) quit() syscall.Signal { return syscall.SIGTERM }
func (e *epmd) home() string         { return filepath.Join(e.dir, "rabbitmq") }
func (e *epmd) mark() string         { return filepath.Join(e.home(), "epmd") }
func (e *epmd) ports() []int         { return []int{e.Port} }
func (e *epmd) commit() error {
	return e.ledger.change(func(r *record) { r.Epmd = e.epmdRecord })
}
func (e *epmd) strays() ([]proctree.ID, error) { return strayMarked(e.mark()) }

func (e *epmd) forget() error {
	e.Process = proctree.ID{}
	return e.commit()
}

// environment makes Erlang programs use only this port mapper.
func (e *epmd) environment() []string {
	return []string{"ERL_EPMD_ADDRESS=127.0.0.1", "ERL_EPMD_PORT=" + strconv.Itoa(e.Port)}
}

func (e *epmd) start(ctx context.Context) error {
	if e.Process.Alive() {
		return rejoin(ctx, e.say, e, e.ask)
	}
	if err := endStrays(ctx, e.say, e); err != nil {
		return err
	}
	if err := os.MkdirAll(e.home(), 0o700); err != nil {
		return fmt.Errorf("make the home of RabbitMQ: %w", err)
	}
	log := filepath.Join(e.home(), "epmd.log")
	b := &boot{server: e, ports: e.ports, choose: e.choose, ask: e.ask, log: log, launch: func() error { return e.launch(log) }}
	return b.run(ctx, e.say)
}

func (e *epmd) choose() error {
	port, err := keepPort(e, e.say, e.Port, false, ports.Choose)
	if err != nil {
		return err
	}
	e.Port = port
	return e.commit()
}

func (e *epmd) launch(log string) error {
	path, err := findEpmd()
	if err != nil {
		return err
	}
	e.Process, err = launch(process.Program{
		Name: e.title(),
		Path: path,
		Dir:  e.home(),
		Env:  plainEnvironment(append(e.environment(), ownerVariable+"="+e.mark())...),
		Log:  log,
	})
	if err != nil {
		return err
	}
	return e.commit()
}

func (e *epmd) ask(ctx context.Context) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", ports.Loopback(e.Port))
	if err != nil {
		return err
	}
	return conn.Close()
}
