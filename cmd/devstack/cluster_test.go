package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
)

// TestClusterLosesNothingWithAnyNode takes one cluster through its life,
// because each start of one takes ten seconds.
func TestClusterLosesNothingWithAnyNode(t *testing.T) {
	dir := newDir(t)
	var urls, started string

	t.Run("a first start that was killed is begun anew", func(t *testing.T) {
		command := exec.Command(built, "cluster", "start", "--dir", dir, "--disposable")
		require.NoError(t, command.Start())
		// By now a node has data, of a cluster that is not whole.
		require.Eventually(t, func() bool {
			_, err := os.Stat(filepath.Join(dir, "rabbitmq/rabbit2/data/rabbit2@localhost/schema.DAT"))
			return err == nil
		}, patience, tick)
		require.NoError(t, command.Process.Kill())
		require.Error(t, command.Wait())
		refused := devstack(t, dir, "start", "rabbitmq-1")
		require.Equal(t, 1, refused.code)
		require.Contains(t, refused.stderr, "never whole")

		started = must(t, dir, "cluster start", "--disposable").stdout
		require.Equal(t, started, must(t, dir, "cluster env").stdout)
		urls = parse(t, started).broker
		require.Regexp(t, `^(amqp://integr8:\w+@127\.0\.0\.1:\d+/,){2}amqp://integr8:\w+@127\.0\.0\.1:\d+/$`, urls)
	})
	if t.Failed() {
		return
	}

	t.Run("three nodes with one cookie are all members", func(t *testing.T) {
		for _, n := range opened(t, dir).nodes {
			var status struct {
				Running    []string `json:"running_nodes"`
				Partitions map[string]any
			}
			ask(t, n, &status, "cluster_status")
			require.ElementsMatch(t, members(), status.Running)
			require.Empty(t, status.Partitions)
			for _, port := range n.ports() {
				require.Equal(t, []string{"127.0.0.1"}, listeners(t, port), n.title())
			}
		}
		info, err := os.Stat(filepath.Join(dir, "rabbitmq/.erlang.cookie"))
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077)
	})

	t.Run("every queue has a member on each node", func(t *testing.T) {
		require.NoError(t, rabbit.Topology{}.Declare(t.Context(), urls))
		for name, queue := range queues(t, dir) {
			require.ElementsMatch(t, members(), queue.Members, name)
		}
	})
	if t.Failed() {
		return
	}
	flow := newTraffic(t, urls)
	defer func() { require.NoError(t, flow.close()) }()

	t.Run("publishing goes on when the leader of the queue is killed", func(t *testing.T) {
		leader := chosen(t, dir, queues(t, dir)[hit.TopicPostbacks].Leader)
		must(t, dir, "kill", string(leader.part()))
		require.Contains(t, must(t, dir, "env").stderr, leader.title()+" does not run")
		flow.goesOn(t)
		require.NotEqual(t, leader.erlangName(), queues(t, dir)[hit.TopicPostbacks].Leader)
		must(t, dir, "start", string(leader.part()))
		require.Equal(t, started, must(t, dir, "env").stdout)
		whole(t, dir)
	})

	t.Run("publishing goes on when the publisher's node is cut off", func(t *testing.T) {
		n := publisherNode(t, dir)
		number := strings.TrimPrefix(n.title(), "rabbitmq-")
		must(t, dir, "cluster cut", number)
		require.False(t, n.listens(t.Context()), "a node in the minority must serve nobody")
		require.Contains(t, must(t, dir, "env").stderr, n.title()+" is cut off")
		flow.goesOn(t)
		require.NotContains(t, queues(t, dir)[hit.TopicPostbacks].Online, n.erlangName())
		must(t, dir, "cluster heal", number)
		require.Empty(t, must(t, dir, "env").stderr)
		whole(t, dir)
	})

	t.Run("publishing goes on when the leader of the queue hangs", func(t *testing.T) {
		leader := chosen(t, dir, queues(t, dir)[hit.TopicPostbacks].Leader)
		must(t, dir, "pause", string(leader.part()))
		for _, n := range opened(t, dir).nodes {
			require.Equal(t, n.Name == leader.Name, n.Process.paused(), n.title())
		}
		flow.goesOn(t)
		must(t, dir, "resume", string(leader.part()))
		whole(t, dir)
	})

	t.Run("everything confirmed is delivered", func(t *testing.T) {
		flow.settled(t)
		require.NoError(t, flow.close())
	})

	t.Run("a cluster that was stopped starts with its queues", func(t *testing.T) {
		must(t, dir, "cluster stop")
		require.Empty(t, strays(t, opened(t, dir)))
		require.Equal(t, started, must(t, dir, "start").stdout)
		whole(t, dir)
	})

	t.Run("clean finds nodes whose record was lost", func(t *testing.T) {
		s := opened(t, dir)
		require.NoError(t, os.WriteFile(recordPath(dir), []byte("{"), 0o600))
		must(t, dir, "cluster clean")
		require.NoDirExists(t, dir)
		require.Empty(t, strays(t, s))
	})
}

func TestASingleNodeIsNoCluster(t *testing.T) {
	dir := newDir(t)
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(recordPath(dir), []byte(`{"nodes": [{"name": "rabbit", "port": 1}]}`), 0o600))
	for _, command := range []string{"kill", "pause", "resume", "start"} {
		r := devstack(t, dir, command, "rabbitmq-2")
		require.Equal(t, 1, r.code, command)
		require.Contains(t, r.stderr, "has no rabbitmq-2", command)
	}
	for want, arguments := range map[string][]string{
		"stays one":          {"cluster start"},
		"has no rabbitmq-1":  {"cluster cut", "1"},
		"has no rabbitmq-3:": {"cluster heal", "3"},
	} {
		r := devstack(t, dir, arguments...)
		require.Equal(t, 1, r.code, arguments)
		require.Contains(t, r.stderr, want)
	}
	require.Equal(t, 2, devstack(t, dir, "cluster cut", "4").code)
}

// members are the nodes of a cluster as Erlang names them.
func members() []string {
	var names []string
	for _, name := range clusterNames() {
		names = append(names, name+"@localhost")
	}
	return names
}

// queueStatus is what a node tells of a quorum queue.
type queueStatus struct {
	Name, Leader    string
	Members, Online []string
}

// queues asks a node that serves about all queues.
func queues(t *testing.T, dir string) map[string]queueStatus {
	t.Helper()
	found, err := queuesOf(t, serving(t, dir))
	require.NoError(t, err)
	require.Contains(t, found, hit.TopicPostbacks)
	return found
}

// queuesOf asks one node about all queues.
func queuesOf(t *testing.T, n *node) (map[string]queueStatus, error) {
	var list []queueStatus
	if err := asked(t, n, &list, "list_queues", "name", "leader", "members", "online"); err != nil {
		return nil, err
	}
	found := map[string]queueStatus{}
	for _, one := range list {
		found[one.Name] = one
	}
	return found, nil
}

// whole waits until every node says that all are members of every queue. A
// node that hung first finds itself in the minority and stops serving, and
// answers no question until it is back.
func whole(t *testing.T, dir string) {
	t.Helper()
	nodes := opened(t, dir).nodes
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		for _, n := range nodes {
			found, err := queuesOf(t, n)
			require.NoError(c, err)
			require.Contains(c, found, hit.TopicPostbacks)
			for name, queue := range found {
				require.Len(c, queue.Online, clusterSize, "%s as %s sees it", name, n.title())
				require.NotEmpty(c, queue.Leader, "%s as %s sees it", name, n.title())
			}
		}
	}, patience, 200*time.Millisecond)
}

// ask has a node carry out a rabbitmqctl command and reads its answer.
func ask(t *testing.T, n *node, answer any, arguments ...string) {
	t.Helper()
	require.NoError(t, asked(t, n, answer, arguments...))
}

// asked is ask for a node that may not answer yet.
func asked(t *testing.T, n *node, answer any, arguments ...string) error {
	printed, err := n.control(t.Context(), append(arguments, "--formatter", "json")...)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(printed), answer)
}

// serving returns a node that takes connections.
func serving(t *testing.T, dir string) *node {
	t.Helper()
	for _, n := range opened(t, dir).nodes {
		if n.Process.alive() && !n.Process.paused() && !n.Cut {
			return n
		}
	}
	require.Fail(t, "no node serves")
	return nil
}

// chosen returns the node with a name among Erlang nodes.
func chosen(t *testing.T, dir, name string) *node {
	t.Helper()
	for _, n := range opened(t, dir).nodes {
		if n.erlangName() == name {
			return n
		}
	}
	require.Fail(t, "no such node", name)
	return nil
}
