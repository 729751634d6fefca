package stack

import (
	"context"
	"errors"
	"fmt"

	"integr8/cmd/internal/proctree"
)

// Stop stops the servers in good order and keeps their data. It returns ErrNone when
// none was started.
func (s *Stack) Stop(ctx context.Context) error {
	return s.locked(ctx, func(s *Stack) error {
		servers := s.servers(All)
		for _, one := range servers {
			if one.root().Alive() {
				s.say("stopping %s", one.title())
			}
		}
		return errors.Join(s.endAll(ctx, servers), end(ctx, s.say, s.epmd))
	})
}

// Kill kills the servers of a part. It is not an error when one has already ended.
func (s *Stack) Kill(ctx context.Context, which Part) error {
	return s.each(ctx, which, func(s *Stack, one server) error {
		if !one.root().Alive() {
			s.say("%s does not run", one.title())
		}
		return crash(ctx, one)
	})
}

// Pause freezes the servers of a part, which must run: they accept connections and
// never respond.
func (s *Stack) Pause(ctx context.Context, which Part) error {
	return s.each(ctx, which, func(_ *Stack, one server) error {
		if !one.root().Alive() {
			return fmt.Errorf("%s does not run", one.title())
		}
		_, err := proctree.Freeze(ctx, one.root())
		return err
	})
}

// Resume resumes the servers of a part, which must run.
func (s *Stack) Resume(ctx context.Context, which Part) error {
	return s.each(ctx, which, func(_ *Stack, one server) error {
		if !one.root().Alive() {
			return fmt.Errorf("%s does not run", one.title())
		}
		_, err := proctree.Thaw(one.root())
		return err
	})
}

func (s *Stack) each(ctx context.Context, which Part, work func(*Stack, server) error) error {
	return s.locked(ctx, func(s *Stack) error {
		if err := s.check(which); err != nil {
			return err
		}
		var errs []error
		for _, one := range s.servers(which) {
			errs = append(errs, work(s, one))
		}
		return errors.Join(errs...)
	})
}
