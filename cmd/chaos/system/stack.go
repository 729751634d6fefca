package system

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Servers are the Postgres and the RabbitMQ that a drill uses.
type Servers struct {
	DatabaseURL, AMQPURL string
	// Stack is set when they are the drill's own and may be killed.
	Stack *Stack
}

// Stack is private servers, made by devstack.
type Stack struct {
	devstack, dir string
}

// The servers of a stack, as devstack names them.
const (
	Postgres = "postgres"
	RabbitMQ = "rabbitmq"
)

// StartStack starts private servers in a directory of their own.
func StartStack(ctx context.Context, binaries *Binaries, dir string) (*Servers, error) {
	stack := &Stack{devstack: binaries.Devstack, dir: dir}
	out, err := stack.run(ctx, "start")
	if err != nil {
		return nil, err
	}
	servers := &Servers{Stack: stack}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		name, value, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		switch name {
		case "DATABASE_URL":
			servers.DatabaseURL = strings.Trim(value, "'")
		case "AMQP_URL":
			servers.AMQPURL = strings.Trim(value, "'")
		}
	}
	if servers.DatabaseURL == "" || servers.AMQPURL == "" {
		return nil, fmt.Errorf("devstack start did not tell both addresses")
	}
	return servers, nil
}

// run carries out a devstack command on the stack.
func (s *Stack) run(ctx context.Context, command string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, s.devstack, append([]string{command, "--dir", s.dir}, args...)...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("devstack %s: %w: %s", strings.Join(append([]string{command}, args...), " "), err, strings.TrimSpace(errs.String()))
	}
	return out, nil
}

// Kill ends one of the servers at once.
func (s *Stack) Kill(ctx context.Context, server string) error {
	_, err := s.run(ctx, "kill", server)
	return err
}

// Start starts one of the servers again, on its old address.
func (s *Stack) Start(ctx context.Context, server string) error {
	_, err := s.run(ctx, "start", server)
	return err
}

// Pause freezes one of the servers.
func (s *Stack) Pause(ctx context.Context, server string) error {
	_, err := s.run(ctx, "pause", server)
	return err
}

// Resume lets a frozen server go on.
func (s *Stack) Resume(ctx context.Context, server string) error {
	_, err := s.run(ctx, "resume", server)
	return err
}

// Clean stops the servers and deletes what they hold.
func (s *Stack) Clean(ctx context.Context) error {
	_, err := s.run(ctx, "clean")
	return err
}

// Given are servers that belong to somebody else, named by DATABASE_URL and
// AMQP_URL; false when one is not set.
func Given() (*Servers, bool) {
	s := &Servers{DatabaseURL: os.Getenv("DATABASE_URL"), AMQPURL: os.Getenv("AMQP_URL")}
	return s, s.DatabaseURL != "" && s.AMQPURL != ""
}
