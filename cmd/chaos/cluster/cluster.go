// Package cluster is a private Postgres and a RabbitMQ of three nodes, for the
// drills that break one of them. A single node is killed, paused and resumed as
// the stack's part stack.Node.
package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"integr8/cmd/internal/poll"
	"integr8/cmd/internal/stack"
)

// Size is the number of nodes of a cluster: the smallest of which one can fail and
// leave a majority.
const Size = 3

// limit is how long nodes may take to form a cluster, or to notice that they are cut
// off or connected again.
const limit = 2 * time.Minute

// Options make a stack a cluster.
func Options() *stack.Cluster {
	c := &stack.Cluster{Size: Size,
		// An idle node must not keep processors busy that its peers need. And the nodes
		// must give up a peer that hangs after about ten seconds: with the default of a
		// minute the queues that it leads, and much else, stand still on all nodes for
		// that long.
		Arguments: "+sbwt none +sbwtdcpu none +sbwtdio none -kernel net_ticktime 10",
		Settings: []string{
			"cluster_partition_handling = pause_minority",
			"cluster_formation.peer_discovery_backend = classic_config",
			// Several nodes share the memory that a single one would have.
			"vm_memory_high_watermark.relative = 0.15",
			"raft.wal_max_size_bytes = 67108864",
		},
	}
	for i, name := range c.Names() {
		c.Settings = append(c.Settings, fmt.Sprintf("cluster_formation.classic_config.nodes.%d = %s", i+1, name))
	}
	return c
}

// Start starts the servers of a stack with Options, and returns when the nodes are one
// cluster.
func Start(ctx context.Context, s *stack.Stack) error {
	if _, err := s.Start(ctx, stack.All); err != nil {
		return err
	}
	seconds := strconv.Itoa(int(limit / time.Second))
	if _, err := s.Control(ctx, stack.Node(1), "await_online_nodes", strconv.Itoa(Size), "--timeout", seconds); err != nil {
		return fmt.Errorf("the nodes run but are no cluster: %w", err)
	}
	return nil
}

// Leader returns the number of the node that leads a queue.
func Leader(ctx context.Context, s *stack.Stack, queue string) (int, error) {
	out, err := s.Control(ctx, stack.RabbitMQ, "list_queues", "--formatter", "json", "name", "leader")
	if err != nil {
		return 0, err
	}
	var queues []struct{ Name, Leader string }
	if err := json.Unmarshal([]byte(out), &queues); err != nil {
		return 0, fmt.Errorf("find the leader of %s: %w", queue, err)
	}
	for _, q := range queues {
		for i, name := range Options().Names() {
			if q.Name == queue && q.Leader == name {
				return i + 1, nil
			}
		}
	}
	return 0, fmt.Errorf("find the leader of %s: there is no such queue, or no leader", queue)
}

// Cut isolates a node from its peers and returns when the node has noticed that and
// closed its listeners, as a node in the minority does.
//
// Cut gives the node a wrong cookie for each peer, and then drops the links. From then
// on neither side lets the other in: the node answers challenges wrongly and rejects
// correct answers. It keeps its own cookie, so that it can still be managed. Peers see
// the link close, as with a peer that refuses connections; a link that swallows what is
// sent looks like a paused node instead. A restart of the node ends the isolation too.
func Cut(ctx context.Context, s *stack.Stack, node int) error {
	if err := relink(ctx, s, node, "'wrong'", "erlang:disconnect_node(Peer)"); err != nil {
		return err
	}
	return serves(ctx, s, node, false)
}

// Heal ends the isolation of a node and returns when it serves again, which it does by
// itself once it sees a majority.
func Heal(ctx context.Context, s *stack.Stack, node int) error {
	if err := relink(ctx, s, node, "erlang:get_cookie()", "net_kernel:connect_node(Peer)"); err != nil {
		return err
	}
	return serves(ctx, s, node, true)
}

// relink sets, on the node, the cookie for each of its peers, and then evaluates then
// for the link to it.
func relink(ctx context.Context, s *stack.Stack, node int, cookie, then string) error {
	var peers []string
	for i, name := range Options().Names() {
		if i+1 != node {
			peers = append(peers, "'"+name+"'")
		}
	}
	_, err := s.Control(ctx, stack.Node(node), "eval", fmt.Sprintf(
		"lists:foreach(fun(Peer) -> erlang:set_cookie(Peer, %s), %s end, [%s]).", cookie, then, strings.Join(peers, ", ")))
	return err
}

// serves waits until a node opens channels, or, without want, accepts no connections
// any more.
func serves(ctx context.Context, s *stack.Stack, node int, want bool) error {
	addresses, err := s.Addresses()
	if err != nil {
		return err
	}
	url := strings.Split(addresses.AMQPURL, ",")[node-1]
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not within %s", limit))
	defer cancel()
	var last error
	err = poll.Until(ctx, 100*time.Millisecond, func() (bool, error) {
		last = ask(url)
		return (last == nil) == want, nil
	})
	if err != nil {
		return fmt.Errorf("wait until node %d serves (%t): %w", node, want, errors.Join(err, last))
	}
	return nil
}

func ask(url string) error {
	conn, err := amqp.DialConfig(url, amqp.Config{Dial: amqp.DefaultDial(3 * time.Second), Heartbeat: 10 * time.Second})
	if err != nil {
		return err
	}
	channel, err := conn.Channel()
	if err == nil {
		err = channel.Close()
	}
	return errors.Join(err, conn.Close())
}
