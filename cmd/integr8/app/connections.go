package app

import (
	"fmt"

	"golang.org/x/sys/unix"

	"integr8/pipeline/failure"
)

const (
	// keptDescriptors are those that connections at the doors never take: 64
	// for the admin address, 20 or so for Postgres, the broker and the spool's
	// files, and room for connections that are closing and for what Go opens.
	keptDescriptors = 256
	// mostConnections is what is derived at most, whatever the limit of
	// descriptors, for the sake of memory: an idle connection costs 10 KiB (80 MB for all, measured).
	mostConnections = 8192
)

// connectionsWithinLimit returns how many connections may be open at the doors. Go has
// raised the limit of descriptors to the hard one when the process began.
func connectionsWithinLimit(set int) (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("read the limit of file descriptors: %w", err)
	}
	return connectionsWithin(limit.Cur, set)
}

// connectionsWithin derives the bound from the limit of descriptors, or checks
// the one that is set.
func connectionsWithin(descriptors uint64, set int) (int, error) {
	most := int(min(descriptors, 1<<30)) - keptDescriptors
	switch {
	case most <= 0:
		return 0, failure.WithHint(fmt.Errorf("this process may open only %d files, of which it keeps %d for other than its senders", descriptors, keptDescriptors),
			"raise the limit: ulimit -n 65536, or LimitNOFILE= of its systemd unit")
	case set > most:
		return 0, failure.WithHint(fmt.Errorf("INTEGR8_MAX_CONNECTIONS is %d, but this process may open only %d files, of which it keeps %d for other than its senders",
			set, descriptors, keptDescriptors), "raise the limit: ulimit -n 65536, or LimitNOFILE= of its systemd unit; or lower the setting")
	case set > 0:
		return set, nil
	}
	return min(most, mostConnections), nil
}
