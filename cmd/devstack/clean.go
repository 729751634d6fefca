package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// clean ends the servers and deletes all that belongs to the stack, and
// nothing else. It refuses while a devstack run holds the stack.
func (s *stack) clean(ctx context.Context) error {
	if !s.exists() {
		s.out.say("nothing was started in %s", s.dir)
		return nil
	}
	held, err := s.claim([]string{"devstack clean"})
	if err != nil {
		return err
	}
	return errors.Join(s.cleanClaimed(ctx), s.discard(held))
}

func (s *stack) cleanClaimed(ctx context.Context) error {
	held, err := s.take(ctx)
	if err != nil {
		return err
	}
	if err := s.open(); err != nil {
		s.out.say("%v", err)
		s.rebuild()
	}
	return errors.Join(s.wipe(ctx), held.release())
}

// rebuild goes on without a record that cannot be read. What it said is lost,
// but not how to find the processes and the data.
func (s *stack) rebuild() {
	s.ledger = newLedger(s.dir)
	s.ledger.record.Nodes = remains(s.dir)
	s.build()
	home := outsideHomeOf(s.dir)
	if as, err := postgresAccount(home); err == nil && isOutsideHome(home, s.dir, as) {
		s.postgres.Home = home
	}
}

func (s *stack) wipe(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for _, one := range append(s.servers(all), s.epmd) {
		if err := crash(ctx, one); err != nil {
			return err
		}
	}
	return s.remove()
}

// ownNames are what a stack makes in its directory, besides its locks.
func ownNames() []string { return []string{"postgres", "postgres.log", "rabbitmq", "state.json"} }

// remove deletes the stack's files, when no server runs. The lock goes last,
// and counts as free once it is deleted.
func (s *stack) remove() error {
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
	_ = os.Remove(s.dir) // stays with what others put there
	return nil
}

// discard gives a lock back and deletes its file, and the stack's directory if
// nothing else is in it.
func (s *stack) discard(held *lock) error {
	err := os.Remove(held.file.Name())
	_ = os.Remove(s.dir)
	return errors.Join(err, held.release())
}
