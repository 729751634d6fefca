package main

import "fmt"

// part says which servers a command is about; empty means all. Besides these
// there are the names of single nodes, see node.part.
type part string

const (
	all          part = ""
	onlyPostgres part = "postgres"
	onlyRabbitMQ part = "rabbitmq"
)

func (p part) withPostgres() bool { return p == all || p == onlyPostgres }
func (p part) withRabbitMQ() bool { return p != onlyPostgres }

// holds reports whether a node belongs to the part.
func (p part) holds(n *node) bool {
	return p == all || p == onlyRabbitMQ || p == n.part()
}

// needs returns the names of what a part of the stack needs.
func (p part) needs() []string {
	var names []string
	if p.withPostgres() {
		names = append(names, string(onlyPostgres))
	}
	if p.withRabbitMQ() {
		names = append(names, string(onlyRabbitMQ))
	}
	return names
}

// check refuses a node that the stack does not have.
func (s *stack) check(which part) error {
	if which.withRabbitMQ() && len(s.chosen(which)) == 0 {
		return fmt.Errorf("%s has no %s: its only node is called rabbitmq (devstack cluster start makes several)", s.dir, which)
	}
	return nil
}

// servers returns the servers of a part. The port mapper is none of them: it is
// there to serve nodes that crash, and does not crash with them.
func (s *stack) servers(which part) []server {
	var chosen []server
	if which.withPostgres() {
		chosen = append(chosen, s.postgres)
	}
	for _, n := range s.chosen(which) {
		chosen = append(chosen, n)
	}
	return chosen
}

// chosen returns the RabbitMQ nodes of a part.
func (s *stack) chosen(which part) []*node {
	var chosen []*node
	for _, n := range s.nodes {
		if which.holds(n) {
			chosen = append(chosen, n)
		}
	}
	return chosen
}
