package cluster_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"integr8/cmd/chaos/cluster"
	"integr8/cmd/internal/stack"
	"integr8/handlers"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	// patience bounds every wait of these tests: RabbitMQ needs ten seconds to start on
	// a busy machine.
	patience = 5 * time.Minute
	// tick is the time between two checks.
	tick = 10 * time.Millisecond
)

// TestClusterLosesNothingWithAnyNode tests one cluster in several steps, because each
// start of a cluster takes ten seconds.
func TestClusterLosesNothingWithAnyNode(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "stack")
	s := stack.New(dir, stack.Options{Cluster: cluster.Options(), Disposable: true})
	t.Cleanup(func() { require.NoError(t, s.Clean(context.Background())) })
	require.NoError(t, cluster.Start(t.Context(), s))
	started, err := s.Addresses()
	require.NoError(t, err)
	require.Regexp(t, `^(amqp://integr8:\w+@127\.0\.0\.1:\d+/,){2}amqp://integr8:\w+@127\.0\.0\.1:\d+/$`, started.AMQPURL)

	t.Run("three nodes with one cookie are all members", func(t *testing.T) {
		for number := 1; number <= cluster.Size; number++ {
			var status struct {
				Running    []string `json:"running_nodes"`
				Partitions map[string]any
			}
			require.NoError(t, ask(t, s, stack.Node(number), &status, "cluster_status"))
			require.ElementsMatch(t, cluster.Options().Names(), status.Running)
			require.Empty(t, status.Partitions)
		}
		info, err := os.Stat(filepath.Join(dir, "rabbitmq/.erlang.cookie"))
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077)
	})

	t.Run("every queue has a member on each node", func(t *testing.T) {
		require.NoError(t, rabbit.Topology{Topics: handlers.Topics()}.Declare(t.Context(), started.AMQPURL))
		for name, queue := range queues(t, s) {
			require.ElementsMatch(t, cluster.Options().Names(), queue.Members, name)
		}
	})
	if t.Failed() {
		return
	}
	flow := newTraffic(t, started.AMQPURL)
	defer func() { require.NoError(t, flow.close()) }()
	leader := func() int {
		number, err := cluster.Leader(t.Context(), s, hit.TopicPostbacks)
		require.NoError(t, err)
		return number
	}

	t.Run("publishing goes on when the leader of the queue is killed", func(t *testing.T) {
		killed := leader()
		require.NoError(t, s.Kill(t.Context(), stack.Node(killed)))
		down, err := s.Down()
		require.NoError(t, err)
		require.Equal(t, []string{string(stack.Node(killed))}, down)
		flow.goesOn(t)
		require.NotEqual(t, killed, leader())
		_, err = s.Start(t.Context(), stack.Node(killed))
		require.NoError(t, err)
		again, err := s.Addresses()
		require.NoError(t, err)
		require.Equal(t, started, again)
		whole(t, s)
	})

	t.Run("publishing goes on when the publisher's node is cut off", func(t *testing.T) {
		number := publisherNode(t, s, started.AMQPURL)
		require.NoError(t, cluster.Cut(t.Context(), s, number))
		flow.goesOn(t)
		require.NotContains(t, queues(t, s)[hit.TopicPostbacks].Online, cluster.Options().Names()[number-1])
		require.NoError(t, cluster.Heal(t.Context(), s, number))
		whole(t, s)
	})

	t.Run("publishing goes on when the leader of the queue hangs", func(t *testing.T) {
		paused := leader()
		require.NoError(t, s.Pause(t.Context(), stack.Node(paused)))
		roots, err := s.Processes(stack.RabbitMQ)
		require.NoError(t, err)
		for i, root := range roots {
			require.Equal(t, i+1 == paused, root.Paused(), "node %d", i+1)
		}
		flow.goesOn(t)
		require.NoError(t, s.Resume(t.Context(), stack.Node(paused)))
		whole(t, s)
	})

	t.Run("everything confirmed is delivered", func(t *testing.T) {
		flow.settled(t)
		require.NoError(t, flow.close())
	})

	t.Run("a cluster that was stopped starts with its queues", func(t *testing.T) {
		require.NoError(t, s.Stop(t.Context()))
		down, err := s.Down()
		require.NoError(t, err)
		require.Len(t, down, 1+cluster.Size)
		require.NoError(t, cluster.Start(t.Context(), s))
		again, err := s.Addresses()
		require.NoError(t, err)
		require.Equal(t, started, again)
		whole(t, s)
	})

	t.Run("clean finds nodes whose record was lost", func(t *testing.T) {
		roots, err := s.Processes(stack.RabbitMQ)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "state.json"), []byte("{"), 0o600))
		require.NoError(t, s.Clean(t.Context()))
		require.NoDirExists(t, dir)
		for _, root := range roots {
			require.False(t, root.Alive())
		}
	})
}

func TestASingleNodeIsNoCluster(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "state.json"), []byte(`{"nodes": [{"name": "rabbit", "port": 1}]}`), 0o600))
	s := stack.New(dir, stack.Options{Cluster: cluster.Options()})
	require.ErrorContains(t, cluster.Start(t.Context(), s), "stays one")
	require.ErrorContains(t, s.Kill(t.Context(), stack.Node(2)), "has no rabbitmq-2")
	require.ErrorContains(t, cluster.Cut(t.Context(), s, 1), "has no rabbitmq-1")
}

// queueStatus is what a node reports of a quorum queue.
type queueStatus struct {
	Name, Leader    string
	Members, Online []string
}

// queues asks the first node that responds about all queues.
func queues(t *testing.T, s *stack.Stack) map[string]queueStatus {
	t.Helper()
	found, err := queuesOf(t, s, stack.RabbitMQ)
	require.NoError(t, err)
	require.Contains(t, found, hit.TopicPostbacks)
	return found
}

func queuesOf(t *testing.T, s *stack.Stack, which stack.Part) (map[string]queueStatus, error) {
	var list []queueStatus
	if err := ask(t, s, which, &list, "list_queues", "name", "leader", "members", "online"); err != nil {
		return nil, err
	}
	found := map[string]queueStatus{}
	for _, one := range list {
		found[one.Name] = one
	}
	return found, nil
}

// whole waits until every node reports that all nodes are members of every queue. A
// node that hung first finds itself in the minority and stops serving, and responds to
// no request until it has recovered.
func whole(t *testing.T, s *stack.Stack) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		for number := 1; number <= cluster.Size; number++ {
			found, err := queuesOf(t, s, stack.Node(number))
			require.NoError(c, err)
			require.Contains(c, found, hit.TopicPostbacks)
			for name, queue := range found {
				require.Len(c, queue.Online, cluster.Size, "%s as node %d sees it", name, number)
				require.NotEmpty(c, queue.Leader, "%s as node %d sees it", name, number)
			}
		}
	}, patience, 200*time.Millisecond)
}

// ask runs a rabbitmqctl command on a node and decodes its output.
func ask(t *testing.T, s *stack.Stack, which stack.Part, answer any, arguments ...string) error {
	printed, err := s.Control(t.Context(), which, append(arguments, "--formatter", "json")...)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(printed), answer)
}

// publisherNode returns the number of the node that the publisher is connected
// to.
func publisherNode(t *testing.T, s *stack.Stack, urls string) int {
	t.Helper()
	var connections []struct {
		Port       int
		Properties [][3]any `json:"client_properties"`
	}
	require.NoError(t, ask(t, s, stack.RabbitMQ, &connections, "list_connections", "port", "client_properties"))
	for _, one := range connections {
		for _, property := range one.Properties {
			if property[0] != "connection_name" || property[2] != "integr8 publisher" {
				continue
			}
			for i, url := range strings.Split(urls, ",") {
				if strings.HasSuffix(url, fmt.Sprintf(":%d/", one.Port)) {
					return i + 1
				}
			}
		}
	}
	require.Fail(t, "the publisher has no connection", "%v", connections)
	return 0
}
