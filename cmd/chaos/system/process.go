// Package system runs the real system for a drill: built binaries as processes, over
// real sockets, with a database and queues of their own, and with functions that kill,
// freeze and cut them off.
package system

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"integr8/cmd/internal/ports"
	"integr8/cmd/internal/process"
	"integr8/cmd/internal/proctree"
)

// Process is one receiver or worker. It can be started, stopped and started again any
// number of times; its addresses do not change.
type Process struct {
	// Name is also the name of its log, such as receiver-1.
	Name string
	// Command is "receive" or "work".
	Command string
	// Addr is where a receiver accepts hits, AdminAddr where both kinds serve metrics
	// and probes.
	Addr, AdminAddr string

	spool string

	mu      sync.Mutex
	program process.Program  // for the next start
	current *process.Process // nil before the first start
}

// newProcess returns a process that is not started yet.
func newProcess(name, command, binary, dir string, environment []string) (*Process, error) {
	addr, addrErr := ports.Address()
	admin, adminErr := ports.Address()
	if err := errors.Join(addrErr, adminErr); err != nil {
		return nil, err
	}
	spool := filepath.Join(dir, name+".spool")
	return &Process{
		Name: name, Command: command, spool: spool, Addr: addr, AdminAddr: admin,
		program: process.Program{Name: name, Path: binary, Args: []string{command}, Log: filepath.Join(dir, name+".log"),
			Env: append(slices.Clone(environment), "INTEGR8_ADDR="+addr, "INTEGR8_ADMIN_ADDR="+admin, "INTEGR8_WEB_ADDR=off", spoolVariable+"="+spool)},
	}, nil
}

// Set changes the environment for the next start.
func (p *Process) Set(variables ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, variable := range variables {
		name, _, _ := strings.Cut(variable, "=")
		kept := slices.DeleteFunc(slices.Clone(p.program.Env), func(old string) bool { return strings.HasPrefix(old, name+"=") })
		p.program.Env = append(kept, variable)
	}
}

// LimitFiles bounds the files and sockets that the process may have open, from its next
// start on.
func (p *Process) LimitFiles(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.program.Files = n
}

// Start starts the process and does not wait until it is ready.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current.Running() {
		return fmt.Errorf("start %s: it runs already", p.Name)
	}
	current, err := p.program.Start()
	if err == nil {
		p.current = current
	}
	return err
}

// now returns the process that was started last.
func (p *Process) now() *process.Process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current
}

// Running reports whether the process runs.
func (p *Process) Running() bool { return p.now().Running() }

// Signal sends a signal to the process.
func (p *Process) Signal(signal syscall.Signal) error { return p.now().Signal(signal) }

// Kill ends the process at once, as a crash would.
func (p *Process) Kill(ctx context.Context) error { return p.now().Kill(ctx) }

// stopLimit is longer than a process takes to stop: 20 s for requests under way, and
// again for hits.
const stopLimit = 60 * time.Second

// Stop stops the process in good order. It returns an error when the process does not
// stop, or reports an error.
func (p *Process) Stop(ctx context.Context) error { return p.now().Stop(ctx, stopLimit) }

// Ready waits until the process serves: a receiver its doors, a worker its
// admin address.
func (p *Process) Ready(ctx context.Context) error {
	url := "http://" + p.Addr + "/robots.txt" // for which nothing is recorded
	if p.Command == "work" {
		url = "http://" + p.AdminAddr + "/healthz"
	}
	return p.now().Ready(ctx, func(ctx context.Context) error {
		_, _, err := process.Get(ctx, url)
		return err
	})
}

// Revive starts the process and waits until it serves.
func (p *Process) Revive(ctx context.Context) error {
	if err := p.Start(); err != nil {
		return err
	}
	return p.Ready(ctx)
}

// Restart ends the process in good order, and has it serve again.
func (p *Process) Restart(ctx context.Context) error {
	if err := p.Stop(ctx); err != nil {
		return err
	}
	return p.Revive(ctx)
}

// Readiness returns whether the process is ready, with its remarks on that.
func (p *Process) Readiness(ctx context.Context) (ready bool, remarks string, err error) {
	status, body, err := process.Get(ctx, "http://"+p.AdminAddr+"/readyz")
	return status == http.StatusOK, string(body), err
}

// Probe requests a path at the admin address and returns the status.
func (p *Process) Probe(ctx context.Context, path string) (int, error) {
	status, _, err := process.Get(ctx, "http://"+p.AdminAddr+path)
	if err != nil {
		return 0, fmt.Errorf("probe %s: %w", p.Name, err)
	}
	return status, nil
}

// PeakMemory returns the most memory that the process has had resident, in bytes.
func (p *Process) PeakMemory() (int64, error) {
	usage, err := proctree.UsageOf(p.now().PID())
	if err != nil {
		return 0, fmt.Errorf("read the memory of %s: %w", p.Name, err)
	}
	return int64(usage.PeakBytes), nil
}
