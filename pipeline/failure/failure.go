// Package failure classifies errors. It is the only place that decides what an error
// means for a hit: to hold it, to retry it later, to dead-letter it, or to stop.
//
// A hit that breaks a rule is not a failure: the rules decide it, and the decision is
// stored as an outcome.
//
// The class depends on where an error arose. Code that connects to a server, or that
// begins or ends a transaction, marks every error there with Unavailable, because no hit
// can be its cause. Only a statement that the server received and refused may have been
// refused because of the hit's values; see ofRefusal.
//
// The package also defines what a person reads: an error on one line, and a hint that
// says what to do next.
package failure

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/lib/pq"
	amqp "github.com/rabbitmq/amqp091-go"
)

// Class says what happens to a hit whose handling ended with an error.
type Class string

// The classes, from harmless to final.
const (
	// None is the class of a nil error.
	None Class = "none"
	// Shutdown is not a failure and costs no attempt: the hit returns to its queue.
	Shutdown Class = "shutdown"
	// Outage means that the database or the broker cannot be reached or
	// accepts no writes: the hit is held, and no attempt is spent.
	Outage Class = "outage"
	// Transient means that a retry of this hit may succeed.
	Transient Class = "transient"
	// Permanent means that no retry can succeed: the hit becomes a dead letter.
	Permanent Class = "permanent"
)

// Classes returns every class, in the order above.
func Classes() []Class { return []Class{None, Shutdown, Outage, Transient, Permanent} }

// ErrShutdown marks work that was abandoned because the process stops.
var ErrShutdown = errors.New("stopping")

// permanent wraps an error after which no retry can succeed.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Never marks an error as Permanent; nil stays nil.
func Never(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// unavailable wraps an error of a server that cannot be used now.
type unavailable struct{ error }

func (u unavailable) Unwrap() error { return u.error }

// Unavailable marks an error as an Outage: a server cannot be reached or accepts no
// work, independent of the hit; nil stays nil.
func Unavailable(err error) error {
	if err == nil {
		return nil
	}
	return unavailable{err}
}

// Of returns the class of an error. An unknown error is Transient: the hit is
// retried a bounded number of times and then dead-lettered, never lost.
func Of(err error) Class {
	if err == nil {
		return None // first, because the variables below are allocated
	}
	var never permanent
	var away unavailable
	var pgErr *pq.Error
	var amqpErr *amqp.Error
	switch {
	case errors.As(err, &never):
		return Permanent
	case errors.Is(err, ErrShutdown), errors.Is(err, context.Canceled):
		return Shutdown // before the others: a dial that was cancelled is a connection error too
	case errors.As(err, &away):
		return Outage
	case errors.As(err, &pgErr):
		return ofRefusal(pgErr)
	case errors.As(err, &amqpErr):
		return Outage
	case isConnection(err):
		return Outage
	default:
		return Transient
	}
}

// isConnection reports whether an error is one of the connection and not of the work. A
// deadline counts as one: work hangs because a server hangs.
func isConnection(err error) bool {
	return isNetwork(err) ||
		errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, amqp.ErrClosed) ||
		errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) ||
		errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, syscall.ECONNREFUSED) ||
		errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE)
}

// isNetwork reports whether an error comes from package net. A bare syscall.Errno
// implements net.Error too, but may come from a file.
func isNetwork(err error) bool {
	var netErr net.Error
	if !errors.As(err, &netErr) {
		return false
	}
	_, bare := netErr.(syscall.Errno)
	return !bare
}
