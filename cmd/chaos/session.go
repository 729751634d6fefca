package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"integr8/cmd/chaos/system"
	"integr8/cmd/devstack/private"
)

// session is one run of the program: the drills that were asked for, on
// servers of their own.
type session struct {
	command  *commandLine
	binaries *system.Binaries
	servers  *private.Servers
	cluster  bool // what the servers are
	teller   *teller
}

// run runs the drills and prints the table. What was started is ended.
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
	if s.binaries, err = system.Build(ctx, filepath.Join(c.Dir, "bin"), c.Race); err != nil {
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
	printTable(stdout, results, c.Markdown)
	for _, r := range results {
		if !r.passed() {
			err = errViolated
		}
	}
	return err
}

// need starts the servers for a drill, if they do not run already. Those of
// the other sort are ended: the machine is small.
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
	s.servers, err = private.Start(ctx, s.binaries.Devstack, filepath.Join(s.command.Dir, dir), cluster)
	return err
}

func (s *session) endServers(ctx context.Context) error {
	if s.servers == nil {
		return nil
	}
	servers := s.servers
	s.servers = nil
	return servers.Stack.Clean(context.WithoutCancel(ctx))
}

// carryOut runs one drill and tells what it found.
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
		if !s.command.Keep {
			found.err = os.RemoveAll(dir)
		}
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
		i := 0
		for i < len(all) && all[i].name != name {
			i++
		}
		if i == len(all) {
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
