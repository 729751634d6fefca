package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process names one process beyond doubt. An id alone does not: after the
// process has ended, its id may belong to somebody else's. The zero value is
// a process that never was.
type process struct {
	PID int `json:"pid,omitempty"`
	// Started is when the process began, in clock ticks after the machine
	// did, as the kernel tells it.
	Started uint64 `json:"started,omitempty"`
	// Boot is the kernel's id of this run of the machine.
	Boot string `json:"boot,omitempty"`
}

// identify gives the process that has this id now.
func identify(pid int) (process, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return process{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	status, err := readStatus(pid)
	if err != nil {
		return process{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	return process{PID: pid, Started: status.started, Boot: strings.TrimSpace(string(boot))}, nil
}

// alive reports whether the process still runs. One that has ended and only
// waits for its parent to notice does not; but it has not ended, and holds its
// ports, while any of its threads has not.
func (p process) alive() bool {
	if p.PID == 0 {
		return false
	}
	now, err := identify(p.PID)
	if err != nil || now != p {
		return false
	}
	status, err := readStatus(p.PID)
	if err != nil || status.started != p.Started || status.state == 'X' {
		return false
	}
	if status.state != 'Z' {
		return true
	}
	threads, err := os.ReadDir("/proc/" + strconv.Itoa(p.PID) + "/task")
	return err == nil && len(threads) > 1
}

// paused reports whether the process is stopped by a signal.
func (p process) paused() bool {
	status, err := readStatus(p.PID)
	return err == nil && status.state == 'T'
}

// signal sends a signal to this process and never to another one: the handle
// is taken first, and only then is it looked at whose it is. That the process
// has ended is no error.
func (p process) signal(sig syscall.Signal) error {
	if p.PID == 0 {
		return nil
	}
	handle, err := os.FindProcess(p.PID)
	if err != nil {
		return fmt.Errorf("find process %d: %w", p.PID, err)
	}
	defer func() { _ = handle.Release() }()
	if !p.alive() {
		return nil
	}
	if err := handle.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %s to process %d: %w", sig, p.PID, err)
	}
	return nil
}

// gone waits until the process has ended, at most as long as ctx lasts.
func (p process) gone(ctx context.Context) error {
	return poll(ctx, 20*time.Millisecond, func() (bool, error) { return !p.alive(), nil })
}

// status is what the kernel tells of a process.
type status struct {
	state   byte
	parent  int
	started uint64
}

// readStatus reads /proc/PID/stat, see proc(5). The second field is the
// program's name in parentheses, which may itself hold spaces and parentheses.
func readStatus(pid int) (status, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return status{}, err
	}
	return parseStatus(string(text))
}

func parseStatus(text string) (status, error) {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 {
		return status{}, fmt.Errorf("unknown form of /proc/PID/stat: %q", text)
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return status{}, fmt.Errorf("parent in /proc/PID/stat: %w", err)
	}
	started, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return status{}, fmt.Errorf("start time in /proc/PID/stat: %w", err)
	}
	return status{state: fields[0][0], parent: parent, started: started}, nil
}

// poll asks again and again until the answer is yes, an error, or ctx ends.
func poll(ctx context.Context, every time.Duration, ask func() (bool, error)) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if done, err := ask(); done || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
