package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// treeLimit is how long a frozen or killed process may take to be so. The
// kernel needs microseconds; a process that waits for a broken disk, for ever.
const treeLimit = 10 * time.Second

// processIDs lists the processes that run now.
func processIDs() ([]int, error) {
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	ids := make([]int, 0, len(names))
	for _, name := range names {
		if id, err := strconv.Atoi(filepath.Base(name)); err == nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// tree returns a process and all that descend from it, parents first. Postgres
// and RabbitMQ both put their children into sessions of their own, so that
// neither a session nor a process group holds a server together.
func tree(root process) ([]process, error) {
	if !root.alive() {
		return nil, nil
	}
	ids, err := processIDs()
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, id := range ids {
		if s, err := readStatus(id); err == nil {
			children[s.parent] = append(children[s.parent], id)
		}
	}
	found := []process{root}
	for i := 0; i < len(found); i++ {
		for _, id := range children[found[i].PID] {
			if child, err := identify(id); err == nil {
				found = append(found, child)
			}
		}
	}
	return found, nil
}

// freeze stops a process and all that descend from it. A frozen parent makes
// no more children, so a second look that finds nothing new has found all.
func freeze(ctx context.Context, root process) ([]process, error) {
	ctx, cancel := context.WithTimeout(ctx, treeLimit)
	defer cancel()
	var members []process
	err := poll(ctx, 5*time.Millisecond, func() (bool, error) {
		found, err := tree(root)
		if err != nil {
			return false, err
		}
		members = found
		still := true
		for _, member := range found {
			if member.alive() && !member.paused() {
				still = false
				if err := member.signal(syscall.SIGSTOP); err != nil {
					return false, err
				}
			}
		}
		return still, nil
	})
	return members, err
}

// thaw lets a frozen tree go on, children first, and reports whether any of
// it was frozen.
func thaw(root process) (bool, error) {
	members, err := tree(root)
	if err != nil {
		return false, err
	}
	wasFrozen := false
	for i := len(members) - 1; i >= 0; i-- {
		wasFrozen = wasFrozen || members[i].paused()
		if err := members[i].signal(syscall.SIGCONT); err != nil {
			return wasFrozen, err
		}
	}
	return wasFrozen, nil
}

// killTree ends a process and all that descend from it, and waits until they
// are gone. It is frozen first: otherwise a child could be born between the
// look and the kill, and survive.
func killTree(ctx context.Context, root process) error {
	members, err := freeze(ctx, root)
	return errors.Join(err, killAll(ctx, members))
}

func killAll(ctx context.Context, members []process) error {
	ctx, cancel := context.WithTimeout(ctx, treeLimit)
	defer cancel()
	var errs []error
	for _, member := range members {
		errs = append(errs, member.signal(syscall.SIGKILL))
	}
	for _, member := range members {
		if err := member.gone(ctx); err != nil {
			errs = append(errs, fmt.Errorf("process %d does not end: %w", member.PID, err))
		}
	}
	return errors.Join(errs...)
}

// strayPostgres finds the processes of a Postgres by its data directory, in
// which all of them work, for a server whose record was lost.
func strayPostgres(data string) ([]process, error) {
	return search(func(id string) bool {
		program, err := os.Readlink("/proc/" + id + "/exe")
		if err != nil || filepath.Base(strings.TrimSuffix(program, " (deleted)")) != "postgres" {
			return false
		}
		directory, err := os.Readlink("/proc/" + id + "/cwd")
		return err == nil && directory == data
	})
}

// ownerVariable marks, in the environment, which server a process belongs to.
const ownerVariable = "INTEGR8_DEVSTACK_OWNER"

// strayMarked finds the processes that carry a mark, for a server whose
// record was lost.
func strayMarked(mark string) ([]process, error) {
	wanted := ownerVariable + "=" + mark
	return search(func(id string) bool {
		environment, err := os.ReadFile("/proc/" + id + "/environ")
		if err != nil {
			return false
		}
		for variable := range strings.SplitSeq(string(environment), "\x00") {
			if variable == wanted {
				return true
			}
		}
		return false
	})
}

func search(match func(id string) bool) ([]process, error) {
	ids, err := processIDs()
	if err != nil {
		return nil, err
	}
	var found []process
	for _, id := range ids {
		before, err := identify(id)
		if err != nil || !match(strconv.Itoa(id)) {
			continue
		}
		if before.alive() {
			found = append(found, before)
		}
	}
	return found, nil
}
