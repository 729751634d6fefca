package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// clusterSize is how many nodes a cluster has: the fewest of which one can
// fail and leave a majority.
const clusterSize = 3

// singleName is the name of the node of a stack that is no cluster. Those of
// a cluster have a number behind it.
const singleName = "rabbit"

// clusterArguments start Erlang in a cluster. An idle node must not keep
// processors busy that its peers need. And a peer that hangs must be given up
// after about ten seconds: with the default of a minute the queues that it
// leads, and much else, stand still on all nodes for that long.
const clusterArguments = " +sbwt none +sbwtdcpu none +sbwtdio none -kernel net_ticktime 10"

// clusterNames are the names of a cluster's nodes.
func clusterNames() []string {
	var names []string
	for i := range clusterSize {
		names = append(names, singleName+strconv.Itoa(i+1))
	}
	return names
}

// clustered reports whether the stack's RabbitMQ is a cluster.
func (s *stack) clustered() bool { return len(s.nodes) > 1 }

// formed reports whether every node has once answered. Until then nobody was
// told an address, and there are no data to keep.
func (s *stack) formed() bool {
	for _, n := range s.nodes {
		if !n.Ready {
			return false
		}
	}
	return true
}

// widen makes the stack's RabbitMQ a cluster, if none was ever started.
func (s *stack) widen() error {
	if s.clustered() {
		return nil
	}
	if s.nodes[0].Port != 0 {
		return fmt.Errorf("the RabbitMQ in %s is a single node and stays one: give the cluster a directory of its own", s.dir)
	}
	err := s.ledger.change(func(r *record) {
		r.Nodes = nil
		for _, name := range clusterNames() {
			r.Nodes = append(r.Nodes, nodeRecord{Name: name})
		}
	})
	s.build()
	return err
}

// disband ends what a start that was cut short has left of a cluster. Its
// nodes disagree about who belongs to it, so that all have to begin anew.
func (s *stack) disband(ctx context.Context, which part) error {
	if !s.clustered() || s.formed() || !which.withRabbitMQ() {
		return nil
	}
	if len(s.chosen(which)) < len(s.nodes) {
		return fmt.Errorf("the cluster in %s was never whole: devstack cluster start --dir %s", s.dir, s.dir)
	}
	for _, n := range s.nodes {
		if err := crash(ctx, n); err != nil {
			return err
		}
		n.Ready = false
		if err := n.commit(); err != nil {
			return err
		}
	}
	return nil
}

// startNodes starts RabbitMQ nodes and the port mapper that they need. All
// nodes start together. At a first start RabbitMQ 4 waits in each node until
// it has reached another one; 3.10 holds a lock while a node looks for its
// peers, so that only one of them founds a cluster. At a later start the first
// node may have to wait for the one that stopped last.
func (s *stack) startNodes(ctx context.Context, which part) error {
	if err := s.epmd.start(ctx); err != nil {
		return err
	}
	if err := makeCookie(s.epmd.home()); err != nil {
		return err
	}
	var group errgroup.Group
	for _, n := range s.chosen(which) {
		group.Go(func() error { return n.start(ctx) })
	}
	if err := group.Wait(); err != nil || !s.clustered() || len(s.chosen(which)) < len(s.nodes) {
		return err
	}
	return s.assembled(ctx)
}

// assembled makes sure that nodes which all answer do so as one cluster.
func (s *stack) assembled(ctx context.Context) error {
	seconds := strconv.Itoa(int(answerLimit / time.Second))
	if _, err := s.nodes[0].control(ctx, "await_online_nodes", strconv.Itoa(len(s.nodes)), "--timeout", seconds); err != nil {
		return fmt.Errorf("the nodes run but are no cluster: %w", err)
	}
	return nil
}

// remains lists the nodes whose directories are there, for a stack whose
// record was lost.
func remains(dir string) []nodeRecord {
	var found []nodeRecord
	for _, name := range append([]string{singleName}, clusterNames()...) {
		if _, err := os.Stat(filepath.Join(dir, "rabbitmq", name)); err == nil {
			found = append(found, nodeRecord{Name: name})
		}
	}
	return found
}

// part is the name by which commands choose this node.
func (n *node) part() part {
	if number := strings.TrimPrefix(n.Name, singleName); number != "" {
		return onlyRabbitMQ + part("-"+number)
	}
	return onlyRabbitMQ
}

// erlangName is the node's name among Erlang nodes.
func (n *node) erlangName() string { return n.Name + "@localhost" }

// clusterSettings are what a node of a cluster is configured with besides.
func (n *node) clusterSettings() []string {
	settings := []string{
		"cluster_partition_handling = pause_minority",
		"cluster_formation.peer_discovery_backend = classic_config",
		// Several nodes share what one would have.
		"vm_memory_high_watermark.relative = 0.15",
		"raft.wal_max_size_bytes = 67108864",
	}
	for i, name := range n.members {
		settings = append(settings, fmt.Sprintf("cluster_formation.classic_config.nodes.%d = %s@localhost", i+1, name))
	}
	return settings
}
