package stack

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

	"integr8/cmd/internal/ports"
	"integr8/cmd/internal/process"
	"integr8/cmd/internal/proctree"
)

// singleName is the name of the node of a stack without a cluster. The names of a
// cluster's nodes add a number.
const singleName = "rabbit"

// brokerUser is the user in AMQP_URL. It has all permissions.
const brokerUser = "integr8"

type nodeRecord struct {
	// Name is the node's name without its host, and the name of its directory.
	Name string `json:"name"`
	// Port accepts AMQP connections, ErlangPort those of other nodes.
	Port       int `json:"port,omitempty"`
	ErlangPort int `json:"erlang_port,omitempty"`
	// Ready is set once it has responded. Before that there are no data.
	Ready   bool        `json:"ready,omitempty"`
	Process proctree.ID `json:"process,omitzero"`
}

// node is one RabbitMQ node of the stack.
type node struct {
	nodeRecord
	dir    string
	epmd   *epmd
	ledger *ledger
	say    Say
	// password is that of brokerUser.
	password string
	// cluster is nil for a single node.
	cluster *Cluster
	// samePort makes a start fail instead of changing the address that others already
	// use.
	samePort bool
}

func (n *node) root() proctree.ID              { return n.Process }
func (n *node) quit() syscall.Signal           { return syscall.SIGTERM }
func (n *node) home() string                   { return filepath.Join(n.dir, "rabbitmq", n.Name) }
func (n *node) file(name string) string        { return filepath.Join(n.home(), name) }
func (n *node) ports() []int                   { return []int{n.Port, n.ErlangPort} }
func (n *node) strays() ([]proctree.ID, error) { return strayMarked(n.home()) }

// erlangName returns the node's name among Erlang nodes.
func (n *node) erlangName() string { return n.Name + "@localhost" }

func (n *node) title() string {
	if n.cluster != nil {
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
	n.Process = proctree.ID{}
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

// start starts the node and returns when it accepts connections and opens channels. The
// port mapper must run already.
func (n *node) start(ctx context.Context) error {
	if n.Process.Alive() {
		if err := rejoin(ctx, n.say, n, n.ask); err != nil {
			return err
		}
		return n.answered()
	}
	if err := endStrays(ctx, n.say, n); err != nil {
		return err
	}
	script, err := findRabbitMQ(rabbitmqLibrary)
	if err != nil {
		return err
	}
	if !n.Ready {
		// An interrupted first start may have left a node without its user, to which
		// nobody could ever connect.
		if err := os.RemoveAll(n.home()); err != nil {
			return fmt.Errorf("remove data that were never in use: %w", err)
		}
	}
	n.say("starting %s %s", n.title(), strings.TrimPrefix(filepath.Base(filepath.Dir(filepath.Dir(script))), "rabbitmq_server-"))
	b := &boot{server: n, ports: n.ports, choose: n.choose, ask: n.ask, log: n.file("console.log"), launch: func() error {
		return n.launch(script)
	}}
	if err := b.run(ctx, n.say); err != nil {
		return err
	}
	return n.answered()
}

// answered records that there are data to keep from now on.
func (n *node) answered() error {
	n.Ready = true
	return n.commit()
}

func (n *node) choose() error {
	port, err := keepPort(n, n.say, n.Port, n.samePort, func() (int, error) { return ports.ChoosePair(managementDistance) })
	if err != nil {
		return err
	}
	erlang, err := keepPort(n, n.say, n.ErlangPort, false, ports.Choose)
	for err == nil && erlang == port {
		erlang, err = ports.Choose()
	}
	if err != nil {
		return err
	}
	n.Port, n.ErlangPort = port, erlang
	return n.commit()
}

func (n *node) launch(script string) error {
	if err := n.configure(); err != nil {
		return err
	}
	started, err := launch(process.Program{
		Name: n.title(),
		Path: script,
		Dir:  n.home(),
		Env:  n.environment(),
		Log:  n.file("console.log"),
	})
	if err != nil {
		return err
	}
	n.Process = started
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
