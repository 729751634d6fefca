package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"integr8/cmd/devstack/ports"
)

type epmdRecord struct {
	Port    int     `json:"port,omitempty"`
	Process process `json:"process,omitzero"`
}

// epmd is Erlang's port mapper, by which the nodes of a cluster find one
// another. The stack has its own, so that its nodes meet no others.
type epmd struct {
	epmdRecord
	dir    string
	ledger *ledger
	out    *output
}

func (e *epmd) title() string        { return "epmd" }
func (e *epmd) root() process        { return e.Process }
func (e *epmd) quit() syscall.Signal { return syscall.SIGTERM }
func (e *epmd) home() string         { return filepath.Join(e.dir, "rabbitmq") }
func (e *epmd) mark() string         { return filepath.Join(e.home(), "epmd") }
func (e *epmd) ports() []int         { return []int{e.Port} }
func (e *epmd) commit() error {
	return e.ledger.change(func(r *record) { r.Epmd = e.epmdRecord })
}
func (e *epmd) strays() ([]process, error) { return strayMarked(e.mark()) }

func (e *epmd) forget() error {
	e.Process = process{}
	return e.commit()
}

// environment tells Erlang programs to use this port mapper and no other.
func (e *epmd) environment() []string {
	return []string{"ERL_EPMD_ADDRESS=127.0.0.1", "ERL_EPMD_PORT=" + strconv.Itoa(e.Port)}
}

func (e *epmd) start(ctx context.Context) error {
	if e.Process.alive() {
		return rejoin(ctx, e.out, e, e.ask)
	}
	if err := endStrays(ctx, e.out, e); err != nil {
		return err
	}
	if err := os.MkdirAll(e.home(), 0o700); err != nil {
		return fmt.Errorf("make the home of RabbitMQ: %w", err)
	}
	log := filepath.Join(e.home(), "epmd.log")
	b := &boot{server: e, ports: e.ports, choose: e.choose, ask: e.ask, log: log, launch: func() error { return e.launch(log) }}
	return b.run(ctx, e.out)
}

func (e *epmd) choose() error {
	port, _, err := keepPort(e.Port, ports.Choose)
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
	e.Process, err = launch{
		path:        path,
		directory:   e.home(),
		environment: plainEnvironment(append(e.environment(), ownerVariable+"="+e.mark())...),
		log:         log,
	}.start()
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
