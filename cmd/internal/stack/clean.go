package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"integr8/cmd/internal/filelock"
)

// The lock files of a stack: one for each act, and one for as long as a program holds
// the stack.
const (
	lockName    = "lock"
	runLockName = "run.lock"
)

// Hold is a program's exclusive hold on a stack while the program runs.
type Hold struct {
	stack *Stack
	lock  *filelock.Lock
}

// Hold takes the stack while a program runs. Until it is released, no other program can
// hold the stack or clean it. Programs that try are shown the command line of this one.
func (s *Stack) Hold(program []string) (*Hold, error) {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the stack's directory: %w", err)
	}
	path := filepath.Join(s.dir, runLockName)
	held, err := filelock.Try(path)
	if errors.Is(err, filelock.ErrLocked) {
		return nil, s.inUse(path)
	}
	if err != nil {
		return nil, err
	}
	if err := held.Write(fmt.Sprintf("%d %s", os.Getpid(), strings.Join(program, " "))); err != nil {
		return nil, errors.Join(err, held.Release())
	}
	return &Hold{s, held}, nil
}

// Release unlocks the stack.
func (h *Hold) Release() error { return h.stack.discard(h.lock) }

// inUse returns an error that says who has the stack and what to do. It omits the
// process when that is not known, because it has just started or ended.
func (s *Stack) inUse(path string) error {
	content, _ := os.ReadFile(path)
	pid, program, known := strings.Cut(string(content), " ")
	if !known {
		return fmt.Errorf("%s is in use by another devstack run (make run or make test): end that first", s.dir)
	}
	return fmt.Errorf("%s is in use by another devstack run (process %s: %s): end that first, with Ctrl-C where it runs or with kill %s, or wait for it",
		s.dir, pid, program, pid)
}

// discard releases a lock and deletes its file, and the stack's directory if nothing
// else is in it.
func (s *Stack) discard(held *filelock.Lock) error {
	err := os.Remove(held.Path())
	_ = os.Remove(s.dir)
	return errors.Join(err, held.Release())
}

// Clean ends the servers and deletes everything that belongs to the stack, and nothing
// else. It refuses while a program holds the stack. It is not an error when nothing was
// started.
func (s *Stack) Clean(ctx context.Context) error {
	if !s.Exists() {
		return nil
	}
	held, err := s.Hold([]string{"devstack clean"})
	if err != nil {
		return err
	}
	return errors.Join(held.Clean(ctx), held.Release())
}

// Clean is Stack.Clean for the program that holds the stack.
func (h *Hold) Clean(ctx context.Context) error {
	s := h.stack.fresh()
	if !s.Exists() {
		return nil
	}
	held, err := s.take(ctx)
	if err != nil {
		return err
	}
	if err := s.open(); err != nil {
		s.say("%v", err)
		s.rebuild()
	}
	return errors.Join(s.wipe(context.WithoutCancel(ctx)), held.Release())
}

// rebuild continues without a record that cannot be read: the directories are enough to
// find the processes and the data.
func (s *Stack) rebuild() {
	s.ledger = newLedger(s.dir)
	s.ledger.record.Nodes = remains(s.dir)
	s.build()
	home := outsideHomeOf(s.dir)
	if as, err := postgresAccount(home); err == nil && isOutsideHome(home, s.dir, as) {
		s.postgres.Home = home
	}
}

// remains lists the nodes that have a directory.
func remains(dir string) []nodeRecord {
	var found []nodeRecord
	homes, _ := filepath.Glob(filepath.Join(dir, "rabbitmq", singleName+"*")) // the pattern is well-formed
	for _, home := range homes {
		if info, err := os.Stat(home); err == nil && info.IsDir() {
			found = append(found, nodeRecord{Name: filepath.Base(home)})
		}
	}
	return found
}

func (s *Stack) wipe(ctx context.Context) error {
	for _, one := range append(s.servers(All), s.epmd) {
		if err := crash(ctx, one); err != nil {
			return err
		}
	}
	return s.remove()
}

// ownNames returns the names that a stack makes in its directory, besides its locks.
func ownNames() []string { return []string{"postgres", "postgres.log", "rabbitmq", "state.json"} }

// remove deletes the stack's files when no server runs. It deletes the lock last,
// because a deleted lock is free.
func (s *Stack) remove() error {
	var errs []error
	if s.postgres.Home != "" {
		errs = append(errs, os.RemoveAll(s.postgres.Home))
	}
	for _, name := range append(ownNames(), lockName) {
		errs = append(errs, os.RemoveAll(filepath.Join(s.dir, name)))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("delete the stack: %w", err)
	}
	_ = os.Remove(s.dir) // fails when other files are in it
	return nil
}
