package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// stop ends the servers in good order and keeps their data.
func (s *stack) stop(ctx context.Context) error {
	err := s.locked(ctx, func() error { return s.stopAll(ctx) })
	if errors.Is(err, errNoStack) {
		s.out.say("%v", err)
		return nil
	}
	return err
}

func (s *stack) stopAll(ctx context.Context) error {
	servers := s.servers(all)
	errs := make([]error, len(servers))
	var group sync.WaitGroup
	for i, one := range servers {
		group.Go(func() {
			if one.root().alive() {
				s.out.say("stopping %s", one.title())
			}
			errs[i] = end(ctx, s.out, one)
		})
	}
	group.Wait()
	return errors.Join(append(errs, end(ctx, s.out, s.epmd))...)
}

// kill ends the servers of a part at once; that one has ended already is fine.
func (s *stack) kill(ctx context.Context, which part) error {
	return s.each(ctx, which, func(one server) error {
		if !one.root().alive() {
			s.out.say("%s does not run", one.title())
		}
		return crash(ctx, one)
	})
}

// pause freezes the servers of a part. They must run.
func (s *stack) pause(ctx context.Context, which part) error {
	return s.each(ctx, which, func(one server) error {
		if !one.root().alive() {
			return fmt.Errorf("%s does not run", one.title())
		}
		_, err := freeze(ctx, one.root())
		return err
	})
}

// resume lets the servers of a part go on. They must run.
func (s *stack) resume(ctx context.Context, which part) error {
	return s.each(ctx, which, func(one server) error {
		if !one.root().alive() {
			return fmt.Errorf("%s does not run", one.title())
		}
		_, err := thaw(one.root())
		return err
	})
}

func (s *stack) each(ctx context.Context, which part, work func(server) error) error {
	return s.locked(ctx, func() error {
		if err := s.check(which); err != nil {
			return err
		}
		var errs []error
		for _, one := range s.servers(which) {
			errs = append(errs, work(one))
		}
		return errors.Join(errs...)
	})
}
