package proctree

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"
)

// Usage is the CPU time and memory of processes since they started.
type Usage struct {
	// CPU is the time on processors, in user and in kernel mode, with the precision of
	// the kernel's tick of 10 ms.
	CPU time.Duration
	// PeakBytes is the largest resident memory of the largest process, since its start.
	PeakBytes uint64
}

// userHZ is the unit of times in /proc/PID/stat, the same on every Linux that Go
// supports.
const userHZ = 100

// UsageOf sums up a process, its living descendants and those that have ended, so that
// two readings may be subtracted.
func UsageOf(root int) (Usage, error) {
	found, err := members(root)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("process %d does not run", root)
	}
	if err != nil {
		return Usage{}, err
	}
	var total Usage
	for _, member := range found {
		stat, err := member.Stat()
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it has ended meanwhile
		}
		if err != nil {
			return Usage{}, fmt.Errorf("read the usage of process %d: %w", member.PID, err)
		}
		ticks := int64(stat.UTime) + int64(stat.STime) + int64(stat.CUTime) + int64(stat.CSTime)
		total.CPU += time.Duration(ticks) * (time.Second / userHZ)
		if status, err := member.NewStatus(); err == nil {
			total.PeakBytes = max(total.PeakBytes, status.VmHWM)
		}
	}
	return total, nil
}

// Self returns the usage of this process, without its children.
func Self() (Usage, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return Usage{}, fmt.Errorf("read the usage of this process: %w", err)
	}
	return Usage{
		CPU:       time.Duration(used.Utime.Nano() + used.Stime.Nano()),
		PeakBytes: uint64(used.Maxrss) << 10,
	}, nil
}
