package main

import (
	"context"
	"errors"
	"fmt"

	"integr8/cmd/internal/stack"
	"integr8/cmd/internal/tool"
)

// commandLine lists the commands of devstack.
type commandLine struct {
	Start    startCommand    `cmd:"" help:"Start the servers that do not run yet, wait until they respond, print their addresses."`
	Env      envCommand      `cmd:"" help:"Print the addresses of servers that were started before."`
	Run      runCommand      `cmd:"" help:"Start the servers, run a program with their addresses, stop what was started."`
	Stop     stopCommand     `cmd:"" help:"Stop the servers in good order and keep their data."`
	Kill     killCommand     `cmd:"" help:"End a server at once, as a crash would (SIGKILL)."`
	Pause    pauseCommand    `cmd:"" help:"Freeze a server, or all: it accepts connections and never answers (SIGSTOP)."`
	Resume   resumeCommand   `cmd:"" help:"Let a paused server, or all, continue (SIGCONT)."`
	Clean    cleanCommand    `cmd:"" help:"Stop the servers and delete their data."`
	Packages packagesCommand `cmd:"" help:"Install what is missing on this machine, and start nothing."`
}

// place is the flag of every command.
type place struct {
	Dir string `help:"Directory of the stack: its data, logs and passwords." default:".stack" type:"path"`
}

func (p place) stack(out *tool.Output) *stack.Stack { return p.stackFor(out, false) }

func (p place) stackFor(out *tool.Output, disposable bool) *stack.Stack {
	return stack.New(p.Dir, stack.Options{Say: out.Say, Disposable: disposable,
		Install: func(ctx context.Context, needs []string) error { return ensure(ctx, out, needs) }})
}

// some is the argument of commands for one server or all.
type some struct {
	Part stack.Part `arg:"" optional:"" enum:"postgres,rabbitmq," default:"" help:"Only postgres or rabbitmq."`
}

type startCommand struct {
	place
	some
	Disposable bool `help:"For data that may be lost: Postgres then does not wait for the disk."`
}

// Run starts the servers and prints their addresses for a shell.
func (c *startCommand) Run(ctx context.Context, out *tool.Output) error {
	s := c.stackFor(out, c.Disposable)
	if _, err := s.Start(ctx, c.Part); err != nil {
		return err
	}
	return printAddresses(out, s)
}

type envCommand struct{ place }

// Run prints the addresses, whether or not the servers run now.
func (c *envCommand) Run(out *tool.Output) error {
	s := c.stack(out)
	if err := printAddresses(out, s); err != nil {
		return err
	}
	down, err := s.Down()
	for _, server := range down {
		out.Say("%s does not run", server)
	}
	return err
}

func printAddresses(out *tool.Output, s *stack.Stack) error {
	addresses, err := s.Addresses()
	for _, line := range addresses.Environment() {
		fmt.Fprintln(out.Stdout, "export "+line)
	}
	return err
}

type stopCommand struct{ place }

// Run stops the servers. It is not an error when none runs.
func (c *stopCommand) Run(ctx context.Context, out *tool.Output) error {
	err := c.stack(out).Stop(ctx)
	if errors.Is(err, stack.ErrNone) {
		out.Say("%v", err)
		return nil
	}
	return err
}

type killCommand struct {
	place
	Part stack.Part `arg:"" enum:"postgres,rabbitmq" help:"postgres or rabbitmq."`
}

// Run kills one server.
func (c *killCommand) Run(ctx context.Context, out *tool.Output) error {
	return c.stack(out).Kill(ctx, c.Part)
}

type pauseCommand struct {
	place
	some
}

// Run freezes servers.
func (c *pauseCommand) Run(ctx context.Context, out *tool.Output) error {
	return c.stack(out).Pause(ctx, c.Part)
}

type resumeCommand struct {
	place
	some
}

// Run lets frozen servers go on.
func (c *resumeCommand) Run(ctx context.Context, out *tool.Output) error {
	return c.stack(out).Resume(ctx, c.Part)
}

type cleanCommand struct{ place }

// Run stops the servers and deletes everything that belongs to them.
func (c *cleanCommand) Run(ctx context.Context, out *tool.Output) error {
	s := c.stack(out)
	if !s.Exists() {
		out.Say("nothing was started in %s", c.Dir)
	}
	return s.Clean(ctx)
}

type packagesCommand struct {
	Needs []string `arg:"" optional:"" enum:"postgres,rabbitmq,compiler,chromium,prometheus" default:"postgres,rabbitmq" help:"What is needed: postgres, rabbitmq, compiler (the C compiler of Go's race detector), chromium (for the tests of the console), prometheus (with promtool, for those of alarms and dashboard)."`
}

// Run installs what is missing.
func (c *packagesCommand) Run(ctx context.Context, out *tool.Output) error {
	return ensure(ctx, out, c.Needs)
}
