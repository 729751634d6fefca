// Package system runs the real thing for a drill: built binaries as processes
// of their own, over real sockets, with a database and queues that nobody
// else uses, and the means to kill, freeze and cut them.
package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"integr8/cmd/devstack/ports"
)

// Process is one receiver or worker. It can be started, ended and started
// again any number of times; its addresses stay.
type Process struct {
	// Name is that of its log, such as receiver-1.
	Name string
	// Command is receive or work.
	Command string
	// Addr is where a receiver takes hits, AdminAddr where both tell of
	// themselves.
	Addr, AdminAddr string

	binary      string
	log         string
	spool       string
	environment []string
	// files is the most that it may have open; 0 leaves it as it is.
	files int

	mu      sync.Mutex
	command *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	code    int
}

// ErrEnded says that a process ended that nobody told to.
var ErrEnded = errors.New("the process has ended by itself")

// Start starts the process and does not wait until it is ready.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running() {
		return fmt.Errorf("start %s: it runs already", p.Name)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	defer log.Close()
	command := exec.Command(p.binary, p.Command)
	if p.files > 0 {
		command = exec.Command("/bin/sh", "-c", `ulimit -n "$1" && exec "$0" "$2"`, p.binary, strconv.Itoa(p.files), p.Command)
	}
	command.Env = p.environment
	command.Stdout, command.Stderr = log, log
	// In a group of its own, so that a Ctrl-C meant for the drill does not
	// reach it; and ended by the kernel should the drill itself be killed.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		// Pdeathsig follows the thread that started the child.
		lockThread()
		defer close(ended)
		err := command.Start()
		started <- err
		if err != nil {
			return
		}
		_ = command.Wait() // its code is in ProcessState
		p.mu.Lock()
		p.code = command.ProcessState.ExitCode()
		p.mu.Unlock()
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	p.command, p.ended = command, ended
	return nil
}

func (p *Process) running() bool {
	if p.command == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Running reports whether the process runs.
func (p *Process) Running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running()
}

// Signal sends a signal to the process, by its own id and to nothing else.
func (p *Process) Signal(signal syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running() {
		return fmt.Errorf("signal %s: %w", p.Name, ErrEnded)
	}
	if err := p.command.Process.Signal(signal); err != nil {
		return fmt.Errorf("signal %s: %w", p.Name, err)
	}
	return nil
}

// Wait waits until the process has ended and gives its exit code, -1 for one
// that a signal ended.
func (p *Process) Wait(ctx context.Context) (int, error) {
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	if ended == nil {
		return 0, fmt.Errorf("wait for %s: it was not started", p.Name)
	}
	select {
	case <-ended:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.code, nil
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for %s to end: %w", p.Name, context.Cause(ctx))
	}
}

// Kill ends the process at once, as a crash would.
func (p *Process) Kill(ctx context.Context) error {
	if err := p.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	_, err := p.Wait(ctx)
	return err
}

// stopLimit is more than a stopping process takes: 20 s for requests under
// way, and again for hits.
const stopLimit = 60 * time.Second

// Stop ends the process in good order. It is an error when it does not, or
// says that something went wrong.
func (p *Process) Stop(ctx context.Context) error {
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, stopLimit, fmt.Errorf("not within %s of SIGTERM", stopLimit))
	defer cancel()
	code, err := p.Wait(ctx)
	if err != nil {
		return errors.Join(err, p.Signal(syscall.SIGQUIT)) // its goroutines go to the log
	}
	if code != 0 {
		return fmt.Errorf("%s ended with code %d: see %s", p.Name, code, p.log)
	}
	return nil
}

// Ready waits until the process serves: a receiver its doors, a worker its
// admin address.
func (p *Process) Ready(ctx context.Context) error {
	address, path := p.Addr, "/"
	if p.Command == "work" {
		address, path = p.AdminAddr, "/healthz"
	}
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodHead, "http://"+address+path, nil)
		if err != nil {
			return fmt.Errorf("wait for %s: %w", p.Name, err)
		}
		response, err := client.Do(request)
		if err == nil {
			return response.Body.Close()
		}
		if !p.Running() {
			return fmt.Errorf("wait for %s: %w: see %s", p.Name, ErrEnded, p.log)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w: %w", p.Name, context.Cause(ctx), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Readiness asks a process whether it is ready, and for what it says of that.
func (p *Process) Readiness(ctx context.Context) (ready bool, told string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.AdminAddr+"/readyz", nil)
	if err != nil {
		return false, "", fmt.Errorf("ask %s: %w", p.Name, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, "", fmt.Errorf("ask %s: %w", p.Name, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return false, "", fmt.Errorf("ask %s: %w", p.Name, err)
	}
	return response.StatusCode == http.StatusOK, string(text), nil
}

// newProcess makes a process that is not started yet.
func newProcess(name, command, binary, dir string, environment []string) (*Process, error) {
	addr, addrErr := ports.Address()
	admin, adminErr := ports.Address()
	if err := errors.Join(addrErr, adminErr); err != nil {
		return nil, err
	}
	spool := filepath.Join(dir, name+".spool")
	return &Process{
		Name: name, Command: command, spool: spool, Addr: addr, AdminAddr: admin, binary: binary, log: filepath.Join(dir, name+".log"),
		environment: append(slices.Clone(environment), "INTEGR8_ADDR="+addr, "INTEGR8_ADMIN_ADDR="+admin,
			spoolVariable+"="+spool),
	}, nil
}

// Set changes the environment for the next start.
func (p *Process) Set(variables ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, variable := range variables {
		name, _, _ := strings.Cut(variable, "=")
		kept := p.environment[:0:0]
		for _, old := range p.environment {
			if !strings.HasPrefix(old, name+"=") {
				kept = append(kept, old)
			}
		}
		p.environment = append(kept, variable)
	}
}
