package stack

import (
	"fmt"
	"strings"
)

// Part names the servers of an act: Postgres, RabbitMQ, one node of a cluster of
// RabbitMQ (rabbitmq-2), or all.
type Part string

// The parts that every stack has.
const (
	All      Part = ""
	Postgres Part = "postgres"
	RabbitMQ Part = "rabbitmq"
)

// Node returns the part of a cluster's node, by its number from 1.
func Node(number int) Part { return RabbitMQ + Part(fmt.Sprintf("-%d", number)) }

func (p Part) withPostgres() bool { return p == All || p == Postgres }
func (p Part) withRabbitMQ() bool { return p != Postgres }

// part returns the name of this node alone.
func (n *node) part() Part {
	if number := strings.TrimPrefix(n.Name, singleName); number != "" {
		return RabbitMQ + Part("-"+number)
	}
	return RabbitMQ
}

// needs returns the names of the programs that a part of the stack needs.
func (p Part) needs() []string {
	var names []string
	if p.withPostgres() {
		names = append(names, string(Postgres))
	}
	if p.withRabbitMQ() {
		names = append(names, string(RabbitMQ))
	}
	return names
}

// check refuses a node that the stack does not have.
func (s *Stack) check(which Part) error {
	if which.withRabbitMQ() && len(s.chosen(which)) == 0 {
		return fmt.Errorf("%s has no %s", s.dir, which)
	}
	return nil
}

// servers returns the servers of a part. They do not include the port mapper, which
// serves nodes that crash and does not crash with them.
func (s *Stack) servers(which Part) []server {
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
func (s *Stack) chosen(which Part) []*node {
	var chosen []*node
	for _, n := range s.nodes {
		if which == All || which == RabbitMQ || which == n.part() {
			chosen = append(chosen, n)
		}
	}
	return chosen
}
