// Package process runs programs as separate processes: it starts them with a log, waits
// until they are ready, and stops or kills them.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Program is a program to run.
type Program struct {
	// Name is its name for a person.
	Name string
	Path string
	Args []string
	// Dir is its working directory; empty means the caller's.
	Dir string
	// Env is its whole environment; nil means the caller's.
	Env []string
	// Log is the file to which Start appends its output. Only its owner can read the
	// file.
	Log string
	// Files is how many files and sockets it may have open; 0 does not change the limit.
	Files int
	// As is the user that it runs as; nil means the caller.
	As *syscall.Credential
	// Outlives lets it run on when the caller ends. The kernel kills any other process
	// when its caller is killed.
	Outlives bool
}

// Process is a program that was started.
type Process struct {
	Program
	command *exec.Cmd
	ended   chan struct{}
}

// ErrEnded means that a process has ended without being asked to.
var ErrEnded = errors.New("the process has ended by itself")

// Start starts the program, so that a terminal's Ctrl-C does not reach it, and does not
// wait until it is ready.
func (p Program) Start() (*Process, error) {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p.Name, err)
	}
	defer log.Close()
	command := p.command()
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = attributes(p.Outlives)
	command.SysProcAttr.Credential = p.As
	process := &Process{Program: p, command: command, ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel kills the process when the thread that started it ends, and the
		// runtime may end a thread unless a goroutine holds it.
		runtime.LockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait() // the result is in ProcessState
			close(process.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", p.Name, err)
	}
	return process, nil
}

func (p Program) command() *exec.Cmd {
	command := exec.Command(p.Path, p.Args...)
	if p.Files > 0 {
		limited := append([]string{"-c", `ulimit -n "$0" && exec "$@"`, strconv.Itoa(p.Files), p.Path}, p.Args...)
		command = exec.Command("/bin/sh", limited...)
	}
	command.Dir, command.Env = p.Dir, p.Env
	return command
}

// PID is the id of the process.
func (p *Process) PID() int { return p.command.Process.Pid }

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Running reports whether the process runs. A nil Process does not.
func (p *Process) Running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Signal sends a signal. It returns ErrEnded when the process has ended.
func (p *Process) Signal(signal syscall.Signal) error {
	err := ErrEnded
	if p.Running() {
		err = p.command.Process.Signal(signal)
	}
	if errors.Is(err, os.ErrProcessDone) {
		err = ErrEnded
	}
	if err != nil {
		return fmt.Errorf("send %s to %s: %w", signal, p.Name, err)
	}
	return nil
}

// Wait waits until the process has ended and returns its exit code, -1 when a
// signal ended it.
func (p *Process) Wait(ctx context.Context) (code int, err error) {
	select {
	case <-p.ended:
		return p.command.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for %s to end: %w", p.Name, context.Cause(ctx))
	}
}

// Kill kills the process at once, like a crash.
func (p *Process) Kill(ctx context.Context) error {
	if err := p.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	_, err := p.Wait(ctx)
	return err
}

// quitTime is how long a Go program may take to write its goroutines to its log.
const quitTime = 5 * time.Second

// Stop stops the process in good order. It returns an error when the process has ended
// before, takes longer than limit, or ends with another code than 0. A process that
// takes too long first writes its goroutines to its log, and is then killed.
func (p *Process) Stop(ctx context.Context, limit time.Duration) error {
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not within %s of SIGTERM: see %s", limit, p.Log))
	defer cancel()
	code, err := p.Wait(waiting)
	if err == nil && code != 0 {
		return p.Died()
	}
	if err == nil {
		return nil
	}
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), quitTime)
	defer cancel()
	if p.Signal(syscall.SIGQUIT) == nil { // it may have ended just now
		_, _ = p.Wait(ctx)
	}
	if p.Running() {
		err = errors.Join(err, p.Kill(context.WithoutCancel(ctx)))
	}
	return err
}

// Died describes how the process ended, with the end of its log. The process must have
// ended.
func (p *Process) Died() error {
	return fmt.Errorf("%s has died (%s); its log, %s, ends with:\n%s", p.Name, p.command.ProcessState, p.Log, LogEnd(p.Log))
}

// LogEnd returns the last lines of a log, for an error: 20 lines and 4 KiB at most.
func LogEnd(path string) string {
	const lines, bytes = 20, 4 << 10
	file, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > bytes {
		if _, err := file.Seek(-bytes, io.SeekEnd); err != nil {
			return err.Error()
		}
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return "  " + strings.Join(all[max(0, len(all)-lines):], "\n  ")
}
