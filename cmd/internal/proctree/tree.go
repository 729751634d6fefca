package proctree

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/prometheus/procfs"

	"integr8/cmd/internal/poll"
)

// Limit is how long freezing or killing a process may take. The kernel needs
// microseconds; a process that waits for a broken disk may never react.
const Limit = 10 * time.Second

// members returns the process with an id and all its descendants, parents first;
// nothing when it does not run.
func members(root int) ([]procfs.Proc, error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	children := map[int][]procfs.Proc{}
	var found []procfs.Proc
	for _, one := range all {
		stat, err := one.Stat()
		if err != nil {
			continue // it has ended meanwhile
		}
		children[stat.PPID] = append(children[stat.PPID], one)
		if one.PID == root {
			found = append(found, one)
		}
	}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].PID]...)
	}
	return found, nil
}

// Members returns a process and all its descendants, parents first; nothing when it
// does not run.
func Members(root ID) ([]ID, error) {
	if !root.Alive() {
		return nil, nil
	}
	all, err := members(root.PID)
	if err != nil {
		return nil, err
	}
	found := []ID{root}
	for _, one := range all {
		if id, err := Identify(one.PID); err == nil && one.PID != root.PID {
			found = append(found, id)
		}
	}
	return found, nil
}

// Find returns the processes that match.
func Find(match func(procfs.Proc) bool) ([]ID, error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var found []ID
	for _, one := range all {
		id, err := Identify(one.PID)
		if err == nil && match(one) && id.Alive() {
			found = append(found, id)
		}
	}
	return found, nil
}

// Freeze stops a process and all its descendants, and returns them. A frozen parent
// makes no more children, so when a second search finds nothing new, all are found.
func Freeze(ctx context.Context, root ID) ([]ID, error) {
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	var frozen []ID
	err := poll.Until(ctx, 5*time.Millisecond, func() (still bool, err error) {
		if frozen, err = Members(root); err != nil {
			return false, err
		}
		still = true
		for _, member := range frozen {
			if member.Alive() && !member.Paused() {
				still = false
				if err := member.Signal(syscall.SIGSTOP); err != nil {
					return false, err
				}
			}
		}
		return still, nil
	})
	return frozen, err
}

// Thaw resumes a frozen tree, children first, and reports whether any part of it was
// frozen.
func Thaw(root ID) (wasFrozen bool, err error) {
	found, err := Members(root)
	if err != nil {
		return false, err
	}
	for i := len(found) - 1; i >= 0; i-- {
		wasFrozen = wasFrozen || found[i].Paused()
		if err := found[i].Signal(syscall.SIGCONT); err != nil {
			return wasFrozen, err
		}
	}
	return wasFrozen, nil
}

// KillTree kills a process and all its descendants, and waits until they have ended. It
// freezes them first: otherwise a child could start between the search and the kill,
// and survive.
func KillTree(ctx context.Context, root ID) error {
	found, err := Freeze(ctx, root)
	return errors.Join(err, Kill(ctx, found))
}

// Kill kills processes and waits until they have ended.
func Kill(ctx context.Context, ids []ID) error {
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	var errs []error
	for _, id := range ids {
		errs = append(errs, id.Signal(syscall.SIGKILL))
	}
	for _, id := range ids {
		if err := id.Gone(ctx); err != nil {
			errs = append(errs, fmt.Errorf("process %d does not end: %w", id.PID, err))
		}
	}
	return errors.Join(errs...)
}
