package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// stack is the servers of one directory.
type stack struct {
	dir string
	out *output
	// disposable lets a Postgres that is started not wait for the disk.
	disposable bool
	// cluster makes the RabbitMQ of a new stack a cluster.
	cluster bool

	ledger   *ledger
	postgres *postgres
	epmd     *epmd
	nodes    []*node
}

// exists reports whether a stack was ever begun in this directory.
func (s *stack) exists() bool {
	_, err := os.Stat(recordPath(s.dir))
	return err == nil
}

// errNoStack says that no stack was begun in a directory.
var errNoStack = errors.New("no servers were started")

// locked carries out work on a stack that exists, while no other devstack
// changes it.
func (s *stack) locked(ctx context.Context, work func() error) error {
	if !s.exists() {
		return fmt.Errorf("%w in %s", errNoStack, s.dir)
	}
	held, err := s.take(ctx)
	if err != nil {
		return err
	}
	if !s.exists() { // deleted while this waited
		return errors.Join(fmt.Errorf("%w in %s", errNoStack, s.dir), s.discard(held))
	}
	if err := s.open(); err != nil {
		return errors.Join(err, held.release())
	}
	return errors.Join(work(), held.release())
}

// take waits for the lock on the stack.
func (s *stack) take(ctx context.Context) (*lock, error) {
	return takeLock(ctx, filepath.Join(s.dir, lockName), func() {
		s.out.say("waiting for another devstack that works on %s", s.dir)
	})
}

// open reads the record and builds the servers from it.
func (s *stack) open() error {
	dir, err := filepath.EvalSymlinks(s.dir)
	if err != nil {
		return fmt.Errorf("open the stack: %w", err)
	}
	s.dir = dir
	if s.ledger, err = openLedger(dir); err != nil {
		return err
	}
	s.build()
	return nil
}

func (s *stack) build() {
	r := s.ledger.record
	s.postgres = &postgres{postgresRecord: r.Postgres, dir: s.dir, ledger: s.ledger, out: s.out}
	s.epmd = &epmd{epmdRecord: r.Epmd, dir: s.dir, ledger: s.ledger, out: s.out}
	nodes := r.Nodes
	if len(nodes) == 0 {
		nodes = []nodeRecord{{Name: singleName}}
	}
	s.nodes = nil
	var members []string
	for _, one := range nodes {
		members = append(members, one.Name)
	}
	for _, one := range nodes {
		s.nodes = append(s.nodes, &node{
			nodeRecord: one, dir: s.dir, epmd: s.epmd, ledger: s.ledger, out: s.out,
			password: r.RabbitMQPassword, members: members,
		})
	}
}

// start starts what does not run of a part and waits until all of it answers.
// It reports whether it started anything. When it fails or is interrupted,
// what it started is stopped again.
func (s *stack) start(ctx context.Context, which part) (started bool, err error) {
	if err := s.mayBegin(); err != nil {
		return false, err
	}
	if err := ensure(ctx, s.out, which.needs()); err != nil {
		return false, err
	}
	held, err := s.take(ctx)
	if err != nil {
		return false, err
	}
	if err := s.open(); err != nil {
		return false, errors.Join(err, held.release())
	}
	started, err = s.startLocked(ctx, which)
	return started, errors.Join(err, held.release())
}

func (s *stack) startLocked(ctx context.Context, which part) (started bool, err error) {
	if err := s.settle(ctx, which); err != nil {
		return false, err
	}
	var stopped []server
	for _, one := range append(s.servers(which), s.epmd) {
		if !one.root().alive() {
			stopped = append(stopped, one)
		}
	}
	hadData := s.hasData()
	if err := s.startAll(ctx, which); err != nil {
		return false, errors.Join(err, s.undo(ctx, stopped, hadData))
	}
	return len(stopped) > 0, nil
}

// mayBegin refuses a directory that is in use for something else, such as a
// checkout. Files of programs that use the stack may lie there.
func (s *stack) mayBegin() error {
	if s.exists() {
		return nil
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look into the stack's directory: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() || slices.Contains(ownNames(), entry.Name()) {
			return fmt.Errorf("%s holds other things (%s): a stack needs a directory of its own", s.dir, entry.Name())
		}
	}
	return nil
}

// settle fixes, before anything is made, what the start is to be like.
func (s *stack) settle(ctx context.Context, which part) error {
	if s.cluster {
		if err := s.widen(); err != nil {
			return err
		}
	}
	if err := s.check(which); err != nil {
		return err
	}
	if err := s.disband(ctx, which); err != nil {
		return err
	}
	s.postgres.samePort = which != all && s.postgres.Ready
	if !s.postgres.Process.alive() && !s.postgres.samePort {
		s.postgres.Disposable = s.disposable
	}
	password := s.nodes[0].password
	if password == "" {
		password = newPassword()
	}
	for _, n := range s.nodes {
		n.samePort = which != all && n.Ready
		n.password = password // a cluster has its users in common
	}
	return s.ledger.change(func(r *record) { r.RabbitMQPassword = password })
}

func (s *stack) startAll(ctx context.Context, which part) error {
	group, ctx := errgroup.WithContext(ctx)
	if which.withPostgres() {
		group.Go(func() error { return s.postgres.start(ctx) })
	}
	if which.withRabbitMQ() {
		group.Go(func() error { return s.startNodes(ctx, which) })
	}
	return group.Wait()
}

// undo stops servers again that a failed start has started. After an
// interrupt of the very first start, nothing is left on disk either.
func (s *stack) undo(ctx context.Context, started []server, hadData bool) error {
	interrupted := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx)
	errs := make([]error, len(started))
	var group sync.WaitGroup
	for i, one := range started {
		group.Go(func() { errs[i] = end(ctx, s.out, one) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil || !interrupted || hadData {
		return err
	}
	return s.remove()
}

// hasData reports whether any server has been in use.
func (s *stack) hasData() bool {
	used := s.postgres.Ready
	for _, n := range s.nodes {
		used = used || n.Ready
	}
	return used
}

// addresses returns the assignments by which programs find the servers that
// were started before. It needs no lock and does not ask the servers.
func (s *stack) addresses() ([]string, error) {
	if !s.exists() {
		return nil, fmt.Errorf("%w in %s: devstack start --dir %s", errNoStack, s.dir, s.dir)
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	var lines []string
	if s.postgres.Ready {
		lines = append(lines, "DATABASE_URL="+s.postgres.url())
	}
	if s.formed() {
		var urls []string
		for _, n := range s.nodes {
			urls = append(urls, n.url())
		}
		lines = append(lines, "AMQP_URL="+strings.Join(urls, ","))
	}
	return lines, nil
}

// troubles returns which servers do not run, or not as they should.
func (s *stack) troubles() []string {
	var lines []string
	for _, one := range s.servers(all) {
		if !one.root().alive() {
			lines = append(lines, one.title()+" does not run")
		} else if n, ok := one.(*node); ok && n.Cut {
			lines = append(lines, one.title()+" is cut off from the other nodes")
		}
	}
	return lines
}
