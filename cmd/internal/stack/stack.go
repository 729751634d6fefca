// Package stack manages a private Postgres and RabbitMQ: real servers, on free ports of
// the loopback interface, with their data, logs and passwords in one directory. They
// outlive the program that starts them, and any program finds them again through the
// directory. The package never touches other running servers.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"integr8/cmd/internal/filelock"
)

// Say prints a line for a person, formatted as fmt.Printf does.
type Say func(format string, args ...any)

// Options say how servers are started.
type Options struct {
	// Say is called with messages on what takes a while or is unusual. It may be nil.
	Say Say
	// Install is called before a start with the names of the needed parts. Default:
	// devstack packages installs those that are missing.
	Install func(ctx context.Context, needs []string) error
	// Disposable starts a Postgres that does not wait for the disk.
	Disposable bool
	// Settings are those of a Postgres that is started, beside its defaults, as
	// name=value.
	Settings []string
	// StandbyOf is the URL of the primary that the Postgres of a new stack follows, which
	// another stack has started; empty for a primary.
	StandbyOf string
	// Cluster gives the RabbitMQ of a new stack several nodes.
	Cluster *Cluster
}

// Cluster describes the RabbitMQ of a stack with several nodes.
type Cluster struct {
	// Size is the number of nodes.
	Size int `json:"size"`
	// Settings are lines for the rabbitmq.conf of every node. Arguments are for its
	// Erlang.
	Settings  []string `json:"settings"`
	Arguments string   `json:"arguments"`
}

// Names returns the nodes' Erlang names.
func (c *Cluster) Names() []string {
	var names []string
	for i := range c.Size {
		names = append(names, fmt.Sprintf("%s%d@localhost", singleName, i+1))
	}
	return names
}

// Stack is the servers of one directory. It is safe for concurrent use, also by several
// programs: each act holds a lock on the directory.
type Stack struct {
	dir     string
	options Options

	ledger   *ledger
	postgres *postgres
	epmd     *epmd
	nodes    []*node
}

// New returns the stack of a directory, which may be missing.
func New(dir string, options Options) *Stack {
	if options.Say == nil {
		options.Say = func(string, ...any) {}
	}
	if options.Install == nil {
		options.Install = installByDevstack
	}
	return &Stack{dir: dir, options: options}
}

func (s *Stack) say(format string, args ...any) { s.options.Say(format, args...) }

// fresh returns the stack without the servers that an earlier act has read, so that
// concurrent acts share only the directory.
func (s *Stack) fresh() *Stack { return New(s.dir, s.options) }

// Exists reports whether a stack was ever started in this directory.
func (s *Stack) Exists() bool {
	_, err := os.Stat(recordPath(s.dir))
	return err == nil
}

// ErrNone means that no stack was started in a directory.
var ErrNone = errors.New("no servers were started")

// locked runs work on an existing stack and excludes other changes to it.
func (s *Stack) locked(ctx context.Context, work func(*Stack) error) error {
	if !s.Exists() {
		return fmt.Errorf("%w in %s", ErrNone, s.dir)
	}
	s = s.fresh()
	held, err := s.take(ctx)
	if err != nil {
		return err
	}
	if !s.Exists() { // another process deleted it meanwhile
		return errors.Join(fmt.Errorf("%w in %s", ErrNone, s.dir), s.discard(held))
	}
	if err := s.open(); err != nil {
		return errors.Join(err, held.Release())
	}
	return errors.Join(work(s), held.Release())
}

// take waits for the lock on the stack.
func (s *Stack) take(ctx context.Context) (*filelock.Lock, error) {
	return filelock.Take(ctx, filepath.Join(s.dir, lockName), func() {
		s.say("waiting for another devstack that works on %s", s.dir)
	})
}

// open reads the record and builds the servers from it.
func (s *Stack) open() error {
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

func (s *Stack) build() {
	r := s.ledger.record
	s.postgres = &postgres{postgresRecord: r.Postgres, dir: s.dir, ledger: s.ledger, say: s.say, settings: s.options.Settings, standbyOf: s.options.StandbyOf}
	s.epmd = &epmd{epmdRecord: r.Epmd, dir: s.dir, ledger: s.ledger, say: s.say}
	nodes := r.Nodes
	if len(nodes) == 0 {
		nodes = []nodeRecord{{Name: singleName}}
	}
	s.nodes = nil
	for _, one := range nodes {
		s.nodes = append(s.nodes, &node{
			nodeRecord: one, dir: s.dir, epmd: s.epmd, ledger: s.ledger, say: s.say, password: r.RabbitMQPassword, cluster: r.Cluster,
		})
	}
}

// Start starts the servers of a part that do not run, and waits until all of them
// respond. It reports whether it started any. When it fails or ctx ends, it stops the
// servers that it started. Starting a part that is not all never changes a port.
func (s *Stack) Start(ctx context.Context, which Part) (started bool, err error) {
	s = s.fresh()
	if err := s.MayBegin(); err != nil {
		return false, err
	}
	if err := s.options.Install(ctx, which.needs()); err != nil {
		return false, err
	}
	held, err := s.take(ctx)
	if err != nil {
		return false, err
	}
	if err := s.open(); err != nil {
		return false, errors.Join(err, held.Release())
	}
	started, err = s.startLocked(ctx, which)
	return started, errors.Join(err, held.Release())
}

func (s *Stack) startLocked(ctx context.Context, which Part) (started bool, err error) {
	if err := s.settle(which); err != nil {
		return false, err
	}
	var stopped []server
	for _, one := range append(s.servers(which), s.epmd) {
		if !one.root().Alive() {
			stopped = append(stopped, one)
		}
	}
	hadData := s.hasData()
	if err := s.startAll(ctx, which); err != nil {
		return false, errors.Join(err, s.undo(ctx, stopped, hadData))
	}
	return len(stopped) > 0, nil
}

// MayBegin refuses a directory that holds other things, such as a checkout. Files of
// programs that use the stack may lie there.
func (s *Stack) MayBegin() error {
	if s.Exists() {
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

// settle chooses the properties of the start before anything is made.
func (s *Stack) settle(which Part) error {
	if err := s.widen(); err != nil {
		return err
	}
	if err := s.check(which); err != nil {
		return err
	}
	s.postgres.samePort = which != All && s.postgres.Ready
	if !s.postgres.Process.Alive() && !s.postgres.samePort {
		s.postgres.Disposable = s.options.Disposable
	}
	password := s.nodes[0].password
	if password == "" {
		password = newPassword()
	}
	for _, n := range s.nodes {
		n.samePort = which != All && n.Ready
		n.password = password // the nodes of a cluster share their users
	}
	return s.ledger.change(func(r *record) { r.RabbitMQPassword = password })
}

// widen makes the stack's RabbitMQ a cluster, if that is wanted and no node was ever
// started.
func (s *Stack) widen() error {
	wanted := s.options.Cluster
	if wanted == nil || s.ledger.record.Cluster != nil {
		return nil
	}
	if s.nodes[0].Port != 0 {
		return fmt.Errorf("the RabbitMQ in %s is a single node and stays one: give the cluster a directory of its own", s.dir)
	}
	err := s.ledger.change(func(r *record) {
		r.Cluster, r.Nodes = wanted, nil
		for i := range wanted.Size {
			r.Nodes = append(r.Nodes, nodeRecord{Name: fmt.Sprint(singleName, i+1)})
		}
	})
	s.build()
	return err
}

func (s *Stack) startAll(ctx context.Context, which Part) error {
	group, ctx := errgroup.WithContext(ctx)
	if which.withPostgres() {
		group.Go(func() error { return s.postgres.start(ctx) })
	}
	if which.withRabbitMQ() {
		group.Go(func() error { return s.startNodes(ctx, which) })
	}
	return group.Wait()
}

// startNodes starts RabbitMQ nodes and the port mapper that they need. All nodes start
// together. At a first start each node of RabbitMQ 4 waits until it has reached another
// one; a node of 3.10 holds a lock while it looks for its peers, so that only one of
// them founds a cluster. At a later start the first node may have to wait for the node
// that stopped last.
func (s *Stack) startNodes(ctx context.Context, which Part) error {
	if err := s.epmd.start(ctx); err != nil {
		return err
	}
	if err := makeCookie(s.epmd.home()); err != nil {
		return err
	}
	var group errgroup.Group
	for _, n := range s.chosen(which) {
		group.Go(func() error { return n.start(ctx) })
	}
	return group.Wait()
}

// undo stops the servers that a failed start has started. When the very first start was
// interrupted, it also removes everything from disk.
func (s *Stack) undo(ctx context.Context, started []server, hadData bool) error {
	interrupted := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx)
	if err := s.endAll(ctx, started); err != nil || !interrupted || hadData {
		return err
	}
	return s.remove()
}

func (s *Stack) endAll(ctx context.Context, servers []server) error {
	errs := make([]error, len(servers))
	var group sync.WaitGroup
	for i, one := range servers {
		group.Go(func() { errs[i] = end(ctx, s.say, one) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// hasData reports whether any server has been used.
func (s *Stack) hasData() bool {
	return s.postgres.Ready || slices.ContainsFunc(s.nodes, func(n *node) bool { return n.Ready })
}
