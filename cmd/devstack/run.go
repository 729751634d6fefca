package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"integr8/cmd/internal/stack"
	"integr8/cmd/internal/tool"
)

type runCommand struct {
	place
	Disposable bool     `help:"For data that may be lost: Postgres then does not wait for the disk."`
	Fresh      bool     `help:"Delete the stack's data before and after."`
	Program    []string `arg:"" passthrough:"" help:"The program and its arguments, after --."`
}

// Run runs a program with the addresses of the stack in its environment. It stops the
// servers afterwards if it has started them.
func (c *runCommand) Run(ctx context.Context, out *tool.Output) (err error) {
	program := c.Program
	if len(program) > 0 && program[0] == "--" {
		program = program[1:]
	}
	if len(program) == 0 {
		return errors.New("run what? devstack run --dir DIR -- PROGRAM ARGUMENTS")
	}
	s := c.stackFor(out, c.Disposable)
	if err := s.MayBegin(); err != nil {
		return err
	}
	held, err := s.Hold(program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Release()) }()
	if c.Fresh {
		if err := held.Clean(ctx); err != nil {
			return err
		}
	}
	started, err := s.Start(ctx, stack.All)
	if err != nil {
		return err
	}
	addresses, err := s.Addresses()
	if err == nil {
		err = runProgram(program, append(os.Environ(), addresses.Environment()...))
	}
	after := context.WithoutCancel(ctx)
	switch {
	case c.Fresh:
		return errors.Join(err, held.Clean(after))
	case started:
		return errors.Join(err, s.Stop(after))
	default:
		return err
	}
}

// runProgram runs a program to its end and passes each signal on to it once. The
// program is in its own process group, so that a terminal's Ctrl-C does not reach it a
// second time. For the same reason it cannot read from the terminal.
func runProgram(program, environment []string) error {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	command := exec.Command(program[0], program[1:]...)
	command.Env = environment
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return fmt.Errorf("run %s: %w", strings.Join(program, " "), err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		select {
		case sig := <-signals:
			if number, ok := sig.(syscall.Signal); ok {
				// The group may just have ended.
				_ = syscall.Kill(-command.Process.Pid, number)
			}
		case err := <-ended:
			return resultOf(err)
		}
	}
}

// resultOf returns the exit code for the end of a program, as a shell does.
func resultOf(err error) error {
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		return err
	}
	if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return tool.ExitCode(128 + int(status.Signal()))
	}
	return tool.ExitCode(failed.ExitCode())
}
