package system

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// MemoryLimit sets the share of the machine's memory above which the broker
// takes no messages. A share near zero raises the alarm at once.
func (s *Stack) MemoryLimit(ctx context.Context, share string) error {
	return s.rabbitmqctl(ctx, "set_vm_memory_high_watermark", share)
}

// rabbitmqctl runs RabbitMQ's own tool against the stack's node, which is
// found by the record that devstack keeps.
func (s *Stack) rabbitmqctl(ctx context.Context, args ...string) error {
	text, err := os.ReadFile(filepath.Join(s.dir, "state.json"))
	if err != nil {
		return fmt.Errorf("find the broker: %w", err)
	}
	var record struct {
		Epmd  struct{ Port int }
		Nodes []struct{ Name string }
	}
	if err := json.Unmarshal(text, &record); err != nil {
		return fmt.Errorf("find the broker: %w", err)
	}
	if len(record.Nodes) == 0 {
		return fmt.Errorf("find the broker: %s names no node", s.dir)
	}
	tools, err := filepath.Glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmqctl")
	if err != nil || len(tools) == 0 {
		return fmt.Errorf("rabbitmqctl is not installed")
	}
	home, err := filepath.Abs(filepath.Join(s.dir, "rabbitmq"))
	if err != nil {
		return fmt.Errorf("find the broker: %w", err)
	}
	command := exec.CommandContext(ctx, tools[len(tools)-1], append([]string{"-n", record.Nodes[0].Name + "@localhost"}, args...)...)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LANG=C.UTF-8",
		"ERL_EPMD_ADDRESS=127.0.0.1", "ERL_EPMD_PORT=" + strconv.Itoa(record.Epmd.Port)}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("rabbitmqctl %v: %w: %s", args, err, out)
	}
	return nil
}
