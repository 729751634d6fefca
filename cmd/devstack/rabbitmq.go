package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"integr8/cmd/devstack/ports"
)

// brokerUser is the user that AMQP_URL names. It may do everything.
const brokerUser = "integr8"

type nodeRecord struct {
	// Name is the node's name without its host, and that of its directory.
	Name string `json:"name"`
	// Port takes AMQP connections, ErlangPort those of other nodes.
	Port       int `json:"port,omitempty"`
	ErlangPort int `json:"erlang_port,omitempty"`
	// Ready says that it has answered once. Before that there is no data.
	Ready   bool    `json:"ready,omitempty"`
	Process process `json:"process,omitzero"`
	// Cut says that it was isolated from its peers. A new start ends that.
	Cut bool `json:"cut,omitempty"`
}

// node is one RabbitMQ node of the stack.
type node struct {
	nodeRecord
	dir    string
	epmd   *epmd
	ledger *ledger
	out    *output
	// password is that of brokerUser.
	password string
	// members names the nodes of the stack, this one included.
	members []string
	// samePort makes a start fail rather than change the address that others
	// hold already.
	samePort bool
}

func (n *node) root() process              { return n.Process }
func (n *node) quit() syscall.Signal       { return syscall.SIGTERM }
func (n *node) home() string               { return filepath.Join(n.dir, "rabbitmq", n.Name) }
func (n *node) file(name string) string    { return filepath.Join(n.home(), name) }
func (n *node) ports() []int               { return []int{n.Port, n.ErlangPort} }
func (n *node) strays() ([]process, error) { return strayMarked(n.home()) }

func (n *node) title() string {
	if len(n.members) > 1 {
		return string(n.part())
	}
	return "RabbitMQ"
}

func (n *node) commit() error {
	return n.ledger.change(func(r *record) {
		if i := slices.IndexFunc(r.Nodes, func(one nodeRecord) bool { return one.Name == n.Name }); i >= 0 {
			r.Nodes[i] = n.nodeRecord
			return
		}
		r.Nodes = append(r.Nodes, n.nodeRecord)
	})
}

func (n *node) forget() error {
	n.Process, n.Cut = process{}, false
	return n.commit()
}

func (n *node) url() string {
	address := url.URL{
		Scheme: "amqp",
		User:   url.UserPassword(brokerUser, n.password),
		Host:   ports.Loopback(n.Port),
		Path:   "/",
	}
	return address.String()
}

// start starts the node and returns when it takes connections and opens
// channels. The port mapper must run already.
func (n *node) start(ctx context.Context) error {
	if n.Process.alive() {
		if err := n.join(ctx); err != nil {
			return err
		}
		if err := rejoin(ctx, n.out, n, n.ask); err != nil {
			return err
		}
		return n.answered()
	}
	if err := endStrays(ctx, n.out, n); err != nil {
		return err
	}
	script, err := findRabbitMQ(rabbitmqLibrary)
	if err != nil {
		return err
	}
	if !n.Ready {
		// A first start that was cut short may have left a node without its
		// user, which would never let anybody in.
		if err := os.RemoveAll(n.home()); err != nil {
			return fmt.Errorf("remove data that were never in use: %w", err)
		}
	}
	n.out.say("starting %s %s", n.title(), strings.TrimPrefix(filepath.Base(filepath.Dir(filepath.Dir(script))), "rabbitmq_server-"))
	b := &boot{server: n, ports: n.ports, choose: n.choose, ask: n.ask, log: n.file("console.log"), launch: func() error {
		return n.launch(script)
	}}
	if err := b.run(ctx, n.out); err != nil {
		return err
	}
	return n.answered()
}

// answered records that from now on there are data to keep.
func (n *node) answered() error {
	n.Ready = true
	return n.commit()
}

func (n *node) choose() error {
	port, moved, err := keepPort(n.Port, func() (int, error) { return ports.ChoosePair(managementDistance) })
	if err != nil {
		return err
	}
	if moved && n.samePort {
		return fmt.Errorf("its port %d is taken by somebody else now", n.Port)
	}
	if moved {
		n.out.say("port %d is taken by somebody else now; %s moves to %d", n.Port, n.title(), port)
	}
	n.Port = port
	for again := true; again; again = n.ErlangPort == n.Port {
		if n.ErlangPort, _, err = keepPort(n.ErlangPort, ports.Choose); err != nil {
			return err
		}
	}
	return n.commit()
}

func (n *node) launch(script string) error {
	if err := n.configure(); err != nil {
		return err
	}
	started, err := launch{
		path:        script,
		directory:   n.home(),
		environment: n.environment(),
		log:         n.file("console.log"),
	}.start()
	if err != nil {
		return err
	}
	n.Process, n.Cut = started, false
	return n.commit()
}

func (n *node) ask(context.Context) error {
	conn, err := amqp.DialConfig(n.url(), amqp.Config{Dial: amqp.DefaultDial(3 * time.Second), Heartbeat: 10 * time.Second})
	if err != nil {
		return err
	}
	channel, err := conn.Channel()
	if err == nil {
		err = channel.Close()
	}
	return errors.Join(err, conn.Close())
}
