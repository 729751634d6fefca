// Package cost reads from Linux's /proc what processes have used: CPU time
// and memory.
package cost

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/procfs"
)

// Usage is what processes have used since they started.
type Usage struct {
	// CPU is the time on processors, in user and in kernel mode, exact to the
	// kernel's tick of 10 ms.
	CPU time.Duration
	// PeakBytes is the most memory that was resident at once in the largest
	// of the processes, since it started or since ResetPeak.
	PeakBytes uint64
}

// userHZ is the unit of times in /proc/PID/stat, the same on every Linux
// that Go runs on.
const userHZ = 100

// Tree is a process and all that descends from it.
type Tree struct {
	// Root is the id of the first process.
	Root int
}

// Usage adds up the processes that live now and their descendants that have
// ended, so that two readings may be subtracted.
func (t Tree) Usage() (Usage, error) {
	members, err := t.members()
	if err != nil {
		return Usage{}, err
	}
	var total Usage
	for _, member := range members {
		stat, err := member.Stat()
		if gone(err) {
			continue
		}
		if err != nil {
			return Usage{}, fmt.Errorf("read what process %d used: %w", member.PID, err)
		}
		ticks := int64(stat.UTime) + int64(stat.STime) + int64(stat.CUTime) + int64(stat.CSTime)
		total.CPU += time.Duration(ticks) * (time.Second / userHZ)
		status, err := member.NewStatus()
		if err == nil {
			total.PeakBytes = max(total.PeakBytes, status.VmHWM)
		}
	}
	return total, nil
}

// ResetPeak makes the peaks of memory count from now.
func (t Tree) ResetPeak() error {
	members, err := t.members()
	if err != nil {
		return err
	}
	for _, member := range members {
		const peakOnly = "5" // see proc(5), /proc/PID/clear_refs
		err := os.WriteFile("/proc/"+strconv.Itoa(member.PID)+"/clear_refs", []byte(peakOnly), 0)
		if err != nil && !gone(err) {
			return fmt.Errorf("reset the peak of process %d: %w", member.PID, err)
		}
	}
	return nil
}

// members finds the processes of the tree, the root first.
func (t Tree) members() ([]procfs.Proc, error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	children := map[int][]procfs.Proc{}
	var members []procfs.Proc
	for _, one := range all {
		stat, err := one.Stat()
		if err != nil {
			continue // it has ended meanwhile
		}
		children[stat.PPID] = append(children[stat.PPID], one)
		if one.PID == t.Root {
			members = append(members, one)
		}
	}
	if len(members) == 0 {
		return nil, fmt.Errorf("process %d does not run", t.Root)
	}
	for i := 0; i < len(members); i++ {
		members = append(members, children[members[i].PID]...)
	}
	return members, nil
}

func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// Self is what this very process has used, without its children.
func Self() (Usage, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return Usage{}, fmt.Errorf("read what this process used: %w", err)
	}
	return Usage{
		CPU:       time.Duration(used.Utime.Nano() + used.Stime.Nano()),
		PeakBytes: uint64(used.Maxrss) << 10,
	}, nil
}
