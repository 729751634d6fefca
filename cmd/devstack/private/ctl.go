package private

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// MemoryLimit sets the share of the machine's memory above which the broker
// takes no messages. A share near zero raises the alarm at once.
func (s *Stack) MemoryLimit(ctx context.Context, share string) error {
	_, err := s.rabbitmqctl(ctx, "set_vm_memory_high_watermark", share)
	return err
}

// Leader names the server, as devstack does, that leads a queue of a cluster.
func (s *Stack) Leader(ctx context.Context, queue string) (string, error) {
	out, err := s.rabbitmqctl(ctx, "list_queues", "--formatter", "json", "name", "leader")
	if err != nil {
		return "", err
	}
	var queues []struct{ Name, Leader string }
	if err := json.Unmarshal(out, &queues); err != nil {
		return "", fmt.Errorf("find the leader of %s: %w", queue, err)
	}
	for _, q := range queues {
		if q.Name == queue {
			name, _, _ := strings.Cut(q.Leader, "@")
			return RabbitMQ + "-" + strings.TrimPrefix(name, "rabbit"), nil
		}
	}
	return "", fmt.Errorf("find the leader of %s: there is no such queue", queue)
}

// rabbitmqctl runs RabbitMQ's own tool against the first node of the stack
// that answers. The nodes are found by the record that devstack keeps.
func (s *Stack) rabbitmqctl(ctx context.Context, args ...string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "state.json"))
	if err != nil {
		return nil, fmt.Errorf("find the broker: %w", err)
	}
	var record struct {
		Epmd  struct{ Port int }
		Nodes []struct{ Name string }
	}
	if err := json.Unmarshal(text, &record); err != nil {
		return nil, fmt.Errorf("find the broker: %w", err)
	}
	tools, err := filepath.Glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmqctl")
	if err != nil || len(tools) == 0 {
		return nil, errors.New("rabbitmqctl is not installed")
	}
	home, err := filepath.Abs(filepath.Join(s.dir, "rabbitmq"))
	if err != nil {
		return nil, fmt.Errorf("find the broker: %w", err)
	}
	var errs []error
	for _, node := range record.Nodes {
		command := exec.CommandContext(ctx, tools[len(tools)-1], append([]string{"--quiet", "--node", node.Name + "@localhost"}, args...)...)
		command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LANG=C.UTF-8",
			"ERL_EPMD_ADDRESS=127.0.0.1", "ERL_EPMD_PORT=" + strconv.Itoa(record.Epmd.Port)}
		out, err := command.Output()
		if err == nil {
			return out, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", node.Name, err))
	}
	return nil, fmt.Errorf("rabbitmqctl %s: %w", strings.Join(args, " "), errors.Join(errs...))
}
