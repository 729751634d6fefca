package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"integr8/cmd/chaos/cluster"
	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/stack"
)

// session is one run of the program: the chosen drills, on servers of their own.
type session struct {
	command  *commandLine
	binaries *system.Binaries
	servers  *stack.Servers
	cluster  bool // what the servers are
	teller   *teller
}

// run runs the drills and prints the table. It ends everything that it started.
func (c *commandLine) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	chosen, err := choose(drills(), c.Drill)
	if err != nil {
		return err
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64N(1 << 32)
	}
	s := &session{command: c, teller: &teller{out: stderr}}
	s.teller.line("seed %d: repeat this run with --seed %d", c.Seed, c.Seed)
	if err := os.MkdirAll(filepath.Join(c.Dir, "bin"), 0o755); err != nil {
		return fmt.Errorf("make the directory of the drills: %w", err)
	}
	s.teller.line("building integr8, and integr8 with faults")
	if s.binaries, err = system.Build(ctx, filepath.Join(c.Dir, "bin"), false); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.endServers(ctx)) }()

	var results []result
	for _, d := range chosen {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		results = append(results, s.carryOut(ctx, d))
	}
	printTable(stdout, results)
	for _, r := range results {
		if !r.passed() {
			err = errViolated
		}
	}
	return err
}

// need starts the servers for a drill, unless they already run. It ends those of the
// other kind, because the machine is small.
func (s *session) need(ctx context.Context, cluster bool) (err error) {
	if s.servers != nil && s.cluster == cluster {
		return nil
	}
	if err := s.endServers(ctx); err != nil {
		return err
	}
	what, dir := "servers", "servers"
	if cluster {
		what, dir = "servers, the broker as a cluster of three", "cluster"
	}
	s.teller.line("starting private %s", what)
	s.cluster = cluster
	s.servers, err = startServers(ctx, filepath.Join(s.command.Dir, dir), cluster)
	return err
}

func startServers(ctx context.Context, dir string, clustered bool) (*stack.Servers, error) {
	options := stack.Options{}
	if clustered {
		options.Cluster = cluster.Options()
	}
	servers, err := stack.New(dir, options).StartFresh(ctx)
	if err != nil || !clustered {
		return servers, err
	}
	if err := cluster.Start(ctx, servers.Stack); err != nil {
		return nil, errors.Join(err, servers.Remove(ctx))
	}
	return servers, nil
}

func (s *session) endServers(ctx context.Context) error {
	if s.servers == nil {
		return nil
	}
	servers := s.servers
	s.servers = nil
	return servers.Remove(ctx)
}

// carryOut runs one drill and prints its result.
func (s *session) carryOut(ctx context.Context, d drill) result {
	dir := filepath.Join(s.command.Dir, "drills", d.name)
	if err := errors.Join(os.RemoveAll(dir), s.need(ctx, d.cluster)); err != nil {
		return result{drill: d, err: err}
	}
	if s.command.Requests > 0 {
		d.requests = s.command.Requests
	}
	r := &round{drill: d, binaries: s.binaries, servers: s.servers, dir: dir, rate: s.command.Rate, seed: s.command.Seed, teller: s.teller}
	found := r.run(ctx)
	if found.passed() {
		found.err = os.RemoveAll(dir)
		return found
	}
	found.tell(s.teller, dir)
	return found
}

// choose picks drills by name; all of them when none is named.
func choose(all []drill, names []string) ([]drill, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []drill
	for _, name := range names {
		i := slices.IndexFunc(all, func(d drill) bool { return d.name == name })
		if i < 0 {
			var known []string
			for _, d := range all {
				known = append(known, d.name)
			}
			return nil, fmt.Errorf("there is no drill %q: choose of %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
