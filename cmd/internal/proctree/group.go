package proctree

import (
	"time"

	"github.com/prometheus/procfs"
)

// Group is a process with its descendants at one moment: looked at often, it costs less
// than UsageOf, which looks for them each time.
type Group []procfs.Proc

// GroupOf returns the group of a process.
func GroupOf(root int) (Group, error) {
	found, err := members(root)
	return Group(found), err
}

// CPU returns the time on processors of those of the group that still run, with the
// precision of the kernel's tick of 10 ms.
func (g Group) CPU() time.Duration {
	var ticks uint
	for _, process := range g {
		if stat, err := process.Stat(); err == nil {
			ticks += stat.UTime + stat.STime
		}
	}
	return time.Duration(ticks) * (time.Second / userHZ)
}
