package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/lib/pq"

	"integr8/cmd/bench/cost"
)

// stack is the servers of a run: private ones, durable as they are shipped.
type stack struct {
	dir         string
	devstack    string // the program
	databaseURL string
	amqpURL     string
	postgres    cost.Tree
	broker      cost.Tree
}

// build makes the programs as they are shipped, into a directory.
func build(ctx context.Context, into string) error {
	command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-o", into+string(filepath.Separator),
		"integr8/cmd/integr8", "integr8/cmd/devstack")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the programs: %w\n%s", err, output)
	}
	return nil
}

// start deletes what an earlier run left and starts the servers anew. The
// settings of Postgres hold from its second start on.
func (s *stack) start(ctx context.Context, settings []string) error {
	if err := s.command(ctx, nil, "clean"); err != nil {
		return err
	}
	if err := s.launch(ctx); err != nil {
		return err
	}
	// With it each row tells when its transaction was committed.
	settings = append([]string{"track_commit_timestamp=on"}, settings...)
	if err := s.alter(ctx, settings); err != nil {
		return err
	}
	if err := s.command(ctx, nil, "stop"); err != nil {
		return err
	}
	return s.launch(ctx)
}

// launch starts the servers and reads where they are.
func (s *stack) launch(ctx context.Context) error {
	var printed bytes.Buffer
	if err := s.command(ctx, &printed, "start"); err != nil {
		return err
	}
	for line := range strings.Lines(printed.String()) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		switch name {
		case "DATABASE_URL":
			s.databaseURL = strings.Trim(value, "'\"")
		case "AMQP_URL":
			s.amqpURL = strings.Trim(value, "'\"")
		}
	}
	var err error
	if s.postgres, err = serverAt(s.databaseURL); err != nil {
		return fmt.Errorf("find Postgres: %w", err)
	}
	if s.broker, err = serverAt(s.amqpURL); err != nil {
		return fmt.Errorf("find RabbitMQ: %w", err)
	}
	return nil
}

// serverAt finds the processes of the server that an URL leads to.
func serverAt(text string) (cost.Tree, error) {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" {
		return cost.Tree{}, errors.New("devstack did not tell its address")
	}
	return cost.Listener(address.Host)
}

// alter changes settings of Postgres that take a restart.
func (s *stack) alter(ctx context.Context, settings []string) (err error) {
	db, err := sql.Open("postgres", s.databaseURL)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		statement := fmt.Sprintf("ALTER SYSTEM SET %s = %s", pq.QuoteIdentifier(name), pq.QuoteLiteral(value))
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("set %s of Postgres: %w", setting, err)
		}
	}
	return nil
}

// stop ends the servers and deletes their data.
func (s *stack) stop() error { return s.command(context.Background(), nil, "clean") }

// command runs devstack, whose words to people go on to them when it fails.
func (s *stack) command(ctx context.Context, output *bytes.Buffer, name string) error {
	command := exec.CommandContext(ctx, s.devstack, name, "--dir", s.dir)
	var said bytes.Buffer
	command.Stderr = &said
	if output != nil {
		command.Stdout = output
	}
	// It stops in good order what it began.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	if err := command.Run(); err != nil {
		return fmt.Errorf("devstack %s: %w\n%s", name, err, said.Bytes())
	}
	return nil
}
