// Package private is for programs and tests that need servers of their own, which
// they may freeze and kill: devstack starts them.
package private

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Servers are a Postgres and a RabbitMQ.
type Servers struct {
	DatabaseURL, AMQPURL string
	// Stack is set when they are private and may be killed.
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

// Start starts private servers in a directory of their own, by the program
// devstack; with cluster, RabbitMQ is three nodes.
func Start(ctx context.Context, devstack, dir string, cluster bool) (*Servers, error) {
	stack := &Stack{devstack: devstack, dir: dir}
	command := []string{"start"}
	if cluster {
		command = []string{"cluster", "start"}
	}
	out, err := stack.run(ctx, command)
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
func (s *Stack) run(ctx context.Context, command []string, args ...string) ([]byte, error) {
	all := slices.Concat(command, []string{"--dir", s.dir}, args)
	c := exec.CommandContext(ctx, s.devstack, all...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("devstack %s: %w: %s", strings.Join(all, " "), err, strings.TrimSpace(errs.String()))
	}
	return out, nil
}

func (s *Stack) do(ctx context.Context, command string, args ...string) error {
	_, err := s.run(ctx, strings.Fields(command), args...)
	return err
}

// Kill ends one of the servers at once.
func (s *Stack) Kill(ctx context.Context, server string) error {
	return s.do(ctx, "kill", server)
}

// Start starts one of the servers again, on its old address.
func (s *Stack) Start(ctx context.Context, server string) error {
	return s.do(ctx, "start", server)
}

// Pause freezes one of the servers.
func (s *Stack) Pause(ctx context.Context, server string) error {
	return s.do(ctx, "pause", server)
}

// Resume lets a frozen server go on.
func (s *Stack) Resume(ctx context.Context, server string) error {
	return s.do(ctx, "resume", server)
}

// Cut cuts a node of a cluster, told by its number, off from the others.
func (s *Stack) Cut(ctx context.Context, number string) error {
	return s.do(ctx, "cluster cut", number)
}

// Heal lets a node that was cut off back in.
func (s *Stack) Heal(ctx context.Context, number string) error {
	return s.do(ctx, "cluster heal", number)
}

// Clean stops the servers and deletes what they hold.
func (s *Stack) Clean(ctx context.Context) error {
	return s.do(ctx, "clean")
}

// Given are servers that belong to somebody else, named by DATABASE_URL and
// AMQP_URL; false when one is not set.
func Given() (*Servers, bool) {
	s := &Servers{DatabaseURL: os.Getenv("DATABASE_URL"), AMQPURL: os.Getenv("AMQP_URL")}
	return s, s.DatabaseURL != "" && s.AMQPURL != ""
}
