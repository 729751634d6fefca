package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"integr8/cmd/internal/proctree"
)

// Addresses are the addresses of the servers. Each is empty until its server has
// responded once.
type Addresses struct {
	DatabaseURL string
	// AMQPURL lists all nodes of a cluster, separated by commas.
	AMQPURL string
}

// Given returns the addresses in the environment, and whether both are set.
func Given() (Addresses, bool) {
	given := Addresses{DatabaseURL: os.Getenv("DATABASE_URL"), AMQPURL: os.Getenv("AMQP_URL")}
	return given, given.DatabaseURL != "" && given.AMQPURL != ""
}

// Environment returns the addresses as assignments for the environment of a
// program.
func (a Addresses) Environment() []string {
	all := []string{"DATABASE_URL=" + a.DatabaseURL, "AMQP_URL=" + a.AMQPURL}
	return slices.DeleteFunc(all, func(assignment string) bool { return strings.HasSuffix(assignment, "=") })
}

// Addresses returns the addresses of the servers that were started before. It needs no
// lock and does not query the servers.
func (s *Stack) Addresses() (Addresses, error) {
	s = s.fresh()
	var found Addresses
	if !s.Exists() {
		return found, fmt.Errorf("%w in %s: devstack start --dir %s", ErrNone, s.dir, s.dir)
	}
	if err := s.open(); err != nil {
		return found, err
	}
	if s.postgres.Ready {
		found.DatabaseURL = s.postgres.url()
	}
	var urls []string
	for _, n := range s.nodes {
		if n.Ready {
			urls = append(urls, n.url())
		}
	}
	if len(urls) == len(s.nodes) { // otherwise there is no cluster yet
		found.AMQPURL = strings.Join(urls, ",")
	}
	return found, nil
}

// Processes returns the first process of each server of a part.
func (s *Stack) Processes(which Part) ([]proctree.ID, error) {
	s = s.fresh()
	if err := s.open(); err != nil {
		return nil, err
	}
	var roots []proctree.ID
	for _, one := range s.servers(which) {
		roots = append(roots, one.root())
	}
	return roots, nil
}

// Down returns the servers that do not run, by their names for a person.
func (s *Stack) Down() ([]string, error) {
	s = s.fresh()
	if err := s.open(); err != nil {
		return nil, err
	}
	var names []string
	for _, one := range s.servers(All) {
		if !one.root().Alive() {
			names = append(names, one.title())
		}
	}
	return names, nil
}

// Control runs a rabbitmqctl command on the first node of a part that responds, and
// returns its output.
func (s *Stack) Control(ctx context.Context, which Part, arguments ...string) (string, error) {
	s = s.fresh()
	if err := s.open(); err != nil {
		return "", err
	}
	if err := s.check(which); err != nil {
		return "", err
	}
	var errs []error
	for _, n := range s.chosen(which) {
		printed, err := n.control(ctx, arguments...)
		if err == nil {
			return printed, nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}
