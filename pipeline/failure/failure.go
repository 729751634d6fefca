// Package failure is the one place that says what an error means for a hit:
// whether to wait the trouble out, to try again later, or to stop.
//
// What a hit itself does wrong is no failure: that is decided by the rules
// and stored as an outcome.
//
// The class follows from where an error arose. Who connects to a server, begins
// a transaction or ends one marks what fails there with Unavailable, whatever
// the error is: no hit can be its cause. Only a statement that the server took
// and refused may have been refused for the hit's values; see ofRefusal.
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

// Class is what an error means for the hit that met it.
type Class string

// The classes, from harmless to final.
const (
	// None is the class of a nil error.
	None Class = "none"
	// Shutdown is no failure and no attempt: the hit goes back to its queue.
	Shutdown Class = "shutdown"
	// Outage means that the database or the broker cannot be reached or
	// takes no writes: the hit is held, and no attempt is spent.
	Outage Class = "outage"
	// Transient means that this hit may well pass when tried again.
	Transient Class = "transient"
	// Permanent means that trying again cannot help: to the dead letters.
	Permanent Class = "permanent"
)

// Classes lists every class, in the order above.
func Classes() []Class { return []Class{None, Shutdown, Outage, Transient, Permanent} }

// ErrShutdown marks work that was given up because the process stops.
var ErrShutdown = errors.New("stopping")

// permanent wraps an error that no retry can mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Never marks an error as one that no retry can mend.
func Never(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// unavailable wraps an error of a server that takes no work for now.
type unavailable struct{ error }

func (u unavailable) Unwrap() error { return u.error }

// Unavailable marks an error as an outage: a server cannot be reached or
// takes no work, whatever the hit.
func Unavailable(err error) error {
	if err == nil {
		return nil
	}
	return unavailable{err}
}

// Of classifies an error. An error that it does not know is Transient: it is
// tried again a bounded number of times and then dead-lettered, never lost.
func Of(err error) Class {
	if err == nil {
		return None // before anything is made to look for
	}
	var never permanent
	var away unavailable
	var pgErr *pq.Error
	var amqpErr *amqp.Error
	switch {
	case errors.As(err, &never):
		return Permanent
	case errors.Is(err, ErrShutdown), errors.Is(err, context.Canceled):
		return Shutdown // whatever else it is: a dial that was cancelled is a connection error as well
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

// isConnection tells errors of the connection from errors of the work. A
// deadline counts as one: work that hangs means a server that hangs.
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

// isNetwork finds errors of package net. A bare error number has the methods
// of one too, but it may stem from a file.
func isNetwork(err error) bool {
	var netErr net.Error
	if !errors.As(err, &netErr) {
		return false
	}
	_, bare := netErr.(syscall.Errno)
	return !bare
}
