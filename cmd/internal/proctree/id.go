// Package proctree finds, freezes, kills and measures a process together with all its
// descendants, with Linux's /proc.
//
// Postgres and RabbitMQ put their children into sessions of their own, so neither a
// session nor a process group contains a whole server.
package proctree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/procfs"

	"integr8/cmd/internal/poll"
)

// ID identifies one process for certain. A process id alone does not: after the process
// has ended, another process may get the same id. The zero value is a process that
// never ran.
type ID struct {
	PID int `json:"pid,omitempty"`
	// Started is when the process began, in clock ticks since the machine started, from
	// the kernel.
	Started uint64 `json:"started,omitempty"`
	// Boot is the kernel's id of this run of the machine.
	Boot string `json:"boot,omitempty"`
}

// Identify returns the process that has this id now.
func Identify(pid int) (ID, error) {
	id, _, err := look(pid)
	return id, err
}

// look returns a process and its state, a letter: see proc_pid_stat(5).
func look(pid int) (ID, string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ID{}, "", fmt.Errorf("identify process %d: %w", pid, err)
	}
	proc, err := procfs.NewProc(pid)
	if err != nil {
		return ID{}, "", fmt.Errorf("identify process %d: %w", pid, err)
	}
	stat, err := proc.Stat()
	if err != nil {
		return ID{}, "", fmt.Errorf("identify process %d: %w", pid, err)
	}
	return ID{PID: pid, Started: stat.Starttime, Boot: strings.TrimSpace(string(boot))}, stat.State, nil
}

// Alive reports whether the process still runs. A process that has ended and only waits
// for its parent to notice does not run. While any of its threads runs, it has not
// ended and holds its ports.
func (p ID) Alive() bool {
	if p.PID == 0 {
		return false
	}
	now, state, err := look(p.PID)
	if err != nil || now != p || state == "X" {
		return false
	}
	if state != "Z" {
		return true
	}
	threads, err := os.ReadDir("/proc/" + strconv.Itoa(p.PID) + "/task")
	return err == nil && len(threads) > 1
}

// Paused reports whether the process is stopped by a signal.
func (p ID) Paused() bool {
	now, state, err := look(p.PID)
	return err == nil && now == p && state == "T"
}

// Signal sends a signal to this process and never to another one: it opens a handle
// first, and then checks which process it refers to. It returns nil for a process that
// has ended.
func (p ID) Signal(sig syscall.Signal) error {
	if p.PID == 0 {
		return nil
	}
	handle, err := os.FindProcess(p.PID)
	if err != nil {
		return fmt.Errorf("find process %d: %w", p.PID, err)
	}
	defer func() { _ = handle.Release() }()
	if !p.Alive() {
		return nil
	}
	if err := handle.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %s to process %d: %w", sig, p.PID, err)
	}
	return nil
}

// Gone waits until the process has ended, or until ctx ends.
func (p ID) Gone(ctx context.Context) error {
	return poll.Until(ctx, 20*time.Millisecond, func() (bool, error) { return !p.Alive(), nil })
}
