package main

import (
	"context"
	"fmt"
)

// commandLine is what devstack can be told to do.
type commandLine struct {
	Start    startCommand    `cmd:"" help:"Start the servers that do not run yet, wait until they answer, print their addresses."`
	Env      envCommand      `cmd:"" help:"Print the addresses of servers that were started before."`
	Run      runCommand      `cmd:"" help:"Start the servers, run a program with their addresses, stop what was started."`
	Stop     stopCommand     `cmd:"" help:"Stop the servers in good order and keep their data."`
	Kill     killCommand     `cmd:"" help:"End a server at once, as a crash would (SIGKILL)."`
	Pause    pauseCommand    `cmd:"" help:"Freeze a server, or all: it accepts connections and never answers (SIGSTOP)."`
	Resume   resumeCommand   `cmd:"" help:"Let a paused server, or all, go on (SIGCONT)."`
	Clean    cleanCommand    `cmd:"" help:"Stop the servers and delete their data."`
	Cluster  clusterCommand  `cmd:"" help:"The same with three RabbitMQ nodes that form one cluster."`
	Packages packagesCommand `cmd:"" help:"Install what is missing on this machine, and start nothing."`
}

// place is the flag that every command takes.
type place struct {
	Dir string `help:"Directory of the stack: its data, logs and passwords." default:".stack" type:"path"`
}

type startCommand struct {
	place
	Part       part `arg:"" optional:"" enum:"postgres,rabbitmq,rabbitmq-1,rabbitmq-2,rabbitmq-3," default:"" help:"Only postgres, rabbitmq or one node of a cluster (rabbitmq-2), on the port that it had."`
	Disposable bool `help:"For data that nobody will miss: Postgres then does not wait for the disk."`
}

// Run starts the servers and prints their addresses for a shell.
func (c *startCommand) Run(ctx context.Context, out *output) error {
	s := &stack{dir: c.Dir, out: out, disposable: c.Disposable}
	if _, err := s.start(ctx, c.Part); err != nil {
		return err
	}
	return printAddresses(out, s)
}

type envCommand struct{ place }

// Run prints the addresses, whether the servers run right now or not.
func (c *envCommand) Run(out *output) error {
	s := &stack{dir: c.Dir, out: out}
	if err := printAddresses(out, s); err != nil {
		return err
	}
	for _, line := range s.troubles() {
		out.say("%s", line)
	}
	return nil
}

func printAddresses(out *output, s *stack) error {
	lines, err := s.addresses()
	if err != nil {
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(out.stdout, "export "+line)
	}
	return nil
}

type stopCommand struct{ place }

// Run stops the servers; that none runs is fine.
func (c *stopCommand) Run(ctx context.Context, out *output) error {
	return (&stack{dir: c.Dir, out: out}).stop(ctx)
}

type killCommand struct {
	place
	Part part `arg:"" enum:"postgres,rabbitmq,rabbitmq-1,rabbitmq-2,rabbitmq-3" help:"postgres, rabbitmq or one node of a cluster (rabbitmq-2)."`
}

// Run kills one kind of server.
func (c *killCommand) Run(ctx context.Context, out *output) error {
	return (&stack{dir: c.Dir, out: out}).kill(ctx, c.Part)
}

type pauseCommand struct {
	place
	Part part `arg:"" optional:"" enum:"postgres,rabbitmq,rabbitmq-1,rabbitmq-2,rabbitmq-3," default:"" help:"Only postgres, rabbitmq or one node of a cluster (rabbitmq-2)."`
}

// Run freezes servers.
func (c *pauseCommand) Run(ctx context.Context, out *output) error {
	return (&stack{dir: c.Dir, out: out}).pause(ctx, c.Part)
}

type resumeCommand struct {
	place
	Part part `arg:"" optional:"" enum:"postgres,rabbitmq,rabbitmq-1,rabbitmq-2,rabbitmq-3," default:"" help:"Only postgres, rabbitmq or one node of a cluster (rabbitmq-2)."`
}

// Run lets frozen servers go on.
func (c *resumeCommand) Run(ctx context.Context, out *output) error {
	return (&stack{dir: c.Dir, out: out}).resume(ctx, c.Part)
}

type cleanCommand struct{ place }

// Run stops the servers and deletes all that belongs to them.
func (c *cleanCommand) Run(ctx context.Context, out *output) error {
	return (&stack{dir: c.Dir, out: out}).clean(ctx)
}

type packagesCommand struct {
	Needs []string `arg:"" optional:"" enum:"postgres,rabbitmq,compiler" default:"postgres,rabbitmq" help:"What is needed: postgres, rabbitmq, compiler (the C compiler of Go's race detector)."`
}

// Run installs what is missing.
func (c *packagesCommand) Run(ctx context.Context, out *output) error {
	return ensure(ctx, out, c.Needs)
}
