package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

type runCommand struct {
	place
	Disposable bool     `help:"For data that nobody will miss: Postgres then does not wait for the disk."`
	Fresh      bool     `help:"Delete the stack's data before and after."`
	Program    []string `arg:"" passthrough:"" help:"The program and its arguments, after --."`
}

// exitCode is the code of a program that was run and failed: it has said why
// itself.
type exitCode int

func (e exitCode) Error() string { return "the program ended with code " + strconv.Itoa(int(e)) }

// Run runs a program with the addresses of the stack in its environment. It
// stops the servers afterwards if it was what started them.
func (c *runCommand) Run(ctx context.Context, out *output) (err error) {
	program := c.Program
	if len(program) > 0 && program[0] == "--" {
		program = program[1:]
	}
	if len(program) == 0 {
		return errors.New("run what? devstack run --dir DIR -- PROGRAM ARGUMENTS")
	}
	s := &stack{dir: c.Dir, out: out, disposable: c.Disposable}
	if err := s.mayBegin(); err != nil {
		return err
	}
	held, err := s.claim(program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.discard(held)) }()
	if c.Fresh && s.exists() {
		if err := s.cleanClaimed(ctx); err != nil {
			return err
		}
	}
	started, err := s.start(ctx, all)
	if err != nil {
		return err
	}
	lines, err := s.addresses()
	if err == nil {
		err = runProgram(program, append(os.Environ(), lines...))
	}
	after := context.WithoutCancel(ctx)
	switch {
	case c.Fresh:
		return errors.Join(err, s.cleanClaimed(after))
	case started:
		return errors.Join(err, s.stop(after))
	default:
		return err
	}
}

// runProgram runs a program to its end. It gets each signal once, from here:
// in a process group of its own, a terminal's Ctrl-C does not reach it a
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
				// That the group has just ended is no matter.
				_ = syscall.Kill(-command.Process.Pid, number)
			}
		case err := <-ended:
			return resultOf(err)
		}
	}
}

// resultOf turns the end of a program into an exit code, as a shell does.
func resultOf(err error) error {
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		return err
	}
	if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitCode(128 + int(status.Signal()))
	}
	return exitCode(failed.ExitCode())
}

// claim takes the stack for one devstack run; while it is held, no other run
// and no clean gets at the stack. The lock file names the process and what it
// runs, for whoever comes second.
func (s *stack) claim(program []string) (*lock, error) {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the stack's directory: %w", err)
	}
	path := filepath.Join(s.dir, runLockName)
	held, err := tryLock(path)
	if errors.Is(err, errLocked) {
		return nil, s.inUse(path)
	}
	if err != nil {
		return nil, err
	}
	if err := held.write(fmt.Sprintf("%d %s", os.Getpid(), strings.Join(program, " "))); err != nil {
		return nil, errors.Join(err, held.release())
	}
	return held, nil
}

// inUse says who has the stack and what to do. Where that is not known, because
// the other one has just begun or ended, it leaves it out.
func (s *stack) inUse(path string) error {
	content, _ := os.ReadFile(path)
	pid, program, known := strings.Cut(string(content), " ")
	if !known {
		return fmt.Errorf("%s is in use by another devstack run (make run or make test): end that first", s.dir)
	}
	return fmt.Errorf("%s is in use by another devstack run (process %s: %s): end that first, with Ctrl-C where it runs or with kill %s, or wait for it",
		s.dir, pid, program, pid)
}
