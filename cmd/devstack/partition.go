package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"integr8/cmd/devstack/ports"
)

// cut isolates a node from its peers and returns when it has noticed and
// taken its listeners down, as a node in the minority does.
//
// The node is given a wrong cookie for each peer, and then the links are
// dropped. From then on neither side lets the other in: the node answers
// challenges wrongly and takes right answers for wrong ones. Its own cookie
// stays, so that it can still be managed. Peers see the link close, as with a
// peer that refuses connections; a link that swallows what is sent looks like
// a paused node instead.
func (s *stack) cut(ctx context.Context, which part) error {
	return s.isolate(ctx, which, func(n *node) error {
		n.Cut = true
		if err := n.commit(); err != nil {
			return err
		}
		if err := n.relink(ctx, fmt.Sprintf("'%s'", newPassword()), "erlang:disconnect_node(Peer)"); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeoutCause(ctx, answerLimit, fmt.Errorf("%s still serves %s after the cut", n.title(), answerLimit))
		defer cancel()
		return poll(ctx, 100*time.Millisecond, func() (bool, error) { return !n.listens(ctx), nil })
	})
}

// heal ends the isolation of a node and returns when it serves again, which
// it does by itself once it sees a majority.
func (s *stack) heal(ctx context.Context, which part) error {
	return s.isolate(ctx, which, func(n *node) error {
		if err := n.join(ctx); err != nil {
			return err
		}
		if err := answers(ctx, n.Process, n.ask); err != nil {
			return fmt.Errorf("%s is back among the others: %w", n.title(), err)
		}
		return nil
	})
}

func (s *stack) isolate(ctx context.Context, which part, work func(*node) error) error {
	return s.each(ctx, which, func(one server) error {
		n, isNode := one.(*node)
		switch {
		case !isNode:
			return fmt.Errorf("%s has no peers", one.title())
		case !n.Process.alive():
			return fmt.Errorf("%s does not run", n.title())
		case n.Process.paused():
			return fmt.Errorf("%s is paused: resume it first", n.title())
		}
		return work(n)
	})
}

// join lets a node that was cut off be found by its peers again. A node that
// never was is left as it is.
func (n *node) join(ctx context.Context) error {
	if !n.Cut {
		return nil
	}
	if _, err := thaw(n.Process); err != nil {
		return err
	}
	if err := n.relink(ctx, "erlang:get_cookie()", "net_kernel:connect_node(Peer)"); err != nil {
		return err
	}
	n.Cut = false
	return n.commit()
}

// relink sets, on the node, the cookie for each of its peers, and then does
// something about the link to it.
func (n *node) relink(ctx context.Context, cookie, then string) error {
	var peers []string
	for _, name := range n.members {
		if name != n.Name {
			peers = append(peers, "'"+name+"@localhost'")
		}
	}
	_, err := n.control(ctx, "eval", fmt.Sprintf(
		"lists:foreach(fun(Peer) -> erlang:set_cookie(Peer, %s), %s end, [%s]).", cookie, then, strings.Join(peers, ", ")))
	return err
}

// listens reports whether the node takes AMQP connections.
func (n *node) listens(ctx context.Context) bool {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", ports.Loopback(n.Port))
	return err == nil && conn.Close() == nil
}

// control carries out a rabbitmqctl command on the node and gives what it
// prints.
func (n *node) control(ctx context.Context, arguments ...string) (string, error) {
	script, err := findRabbitMQ(rabbitmqLibrary)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, answerLimit, fmt.Errorf("no answer within %s", answerLimit))
	defer cancel()
	arguments = append([]string{"--quiet", "--node", n.erlangName()}, arguments...)
	command := exec.CommandContext(ctx, filepath.Join(filepath.Dir(script), "rabbitmqctl"), arguments...)
	command.Env = n.environment()
	command.Dir = n.home()
	command.WaitDelay = time.Second
	printed, err := command.CombinedOutput()
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return "", fmt.Errorf("ask %s: %w: %s", n.title(), err, strings.TrimSpace(string(printed)))
	}
	return string(printed), nil
}
