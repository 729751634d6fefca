package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"integr8/pipeline/failure"
)

// hangUpAfter is how long a server may take to cancel a statement whose context
// has ended. pq asks for that on a second connection, which a healthy server
// answers within milliseconds.
const hangUpAfter = 500 * time.Millisecond

// errSilent says that the server was hung up on: it neither carried out a
// statement nor cancelled it.
var errSilent = failure.Unavailable(errors.New("the database accepts connections and does not answer"))

// hangUpConn closes its socket when the context of a statement or of a transaction
// has ended and the server does not react. pq alone would wait for as long as the
// server is silent: a frozen server neither answers nor cancels.
type hangUpConn struct {
	pqConn
	socket net.Conn
	cut    atomic.Bool
}

// bound makes ctx end what waits for the server. Its result is called once with
// how that ended, and returns the error to report.
func (c *hangUpConn) bound(ctx context.Context) (over func(error) error) {
	if ctx.Done() == nil {
		return func(err error) error { return err }
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(hangUpAfter)
		defer timer.Stop()
		select {
		case <-ended:
		case <-timer.C:
			c.cut.Store(true)
			_ = c.socket.Close() // the statement fails and reports it
		}
	})
	return func(err error) error {
		if !stop() {
			close(ended)
		}
		return c.explain(ctx, err)
	}
}

// explain names the cause of an error that hanging up has brought about.
func (c *hangUpConn) explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || !c.cut.Load() {
		return err
	}
	return fmt.Errorf("%w: %w", errSilent, context.Cause(ctx))
}

// IsValid has a connection replaced that was hung up on.
func (c *hangUpConn) IsValid() bool { return !c.cut.Load() && c.pqConn.IsValid() }

// PrepareContext prepares a statement.
func (c *hangUpConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	over := c.bound(ctx)
	made, err := c.pqConn.PrepareContext(ctx, query)
	if err = over(err); err != nil {
		return nil, err
	}
	statement, ok := made.(preparedStatement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a statement of pq lacks a method: %T", made), made.Close())
	}
	return hangUpStatement{statement, c}, nil
}

// BeginTx begins a transaction.
func (c *hangUpConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	over := c.bound(ctx)
	tx, err := c.pqConn.BeginTx(ctx, options)
	if err != nil {
		return nil, over(err)
	}
	return hangUpTx{tx, over}, nil
}

// QueryContext runs a statement that returns rows.
func (c *hangUpConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.rows(ctx, func() (driver.Rows, error) { return c.pqConn.QueryContext(ctx, query, args) })
}

// ExecContext runs a statement that returns none.
func (c *hangUpConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	over := c.bound(ctx)
	result, err := c.pqConn.ExecContext(ctx, query, args)
	return result, over(err)
}

// Ping asks the server for a sign of life.
func (c *hangUpConn) Ping(ctx context.Context) error {
	over := c.bound(ctx)
	return over(c.pqConn.Ping(ctx))
}

type hangUpStatement struct {
	preparedStatement
	conn *hangUpConn
}

// QueryContext runs a statement that returns rows.
func (s hangUpStatement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.rows(ctx, func() (driver.Rows, error) { return s.preparedStatement.QueryContext(ctx, args) })
}

// ExecContext runs a statement that returns none.
func (s hangUpStatement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	over := s.conn.bound(ctx)
	result, err := s.preparedStatement.ExecContext(ctx, args)
	return result, over(err)
}

// hangUpTx is bounded by the context of its BeginTx: neither end of a transaction
// has one of its own.
type hangUpTx struct {
	driver.Tx
	over func(error) error
}

// Commit ends a transaction for good.
func (t hangUpTx) Commit() error { return t.over(t.Tx.Commit()) }

// Rollback ends a transaction without a trace.
func (t hangUpTx) Rollback() error { return t.over(t.Tx.Rollback()) }

// hangUpRows is bounded until it is closed: rows arrive while they are read.
type hangUpRows struct {
	driver.Rows
	conn *hangUpConn
	ctx  context.Context // of the statement
	over func(error) error
}

func (c *hangUpConn) rows(ctx context.Context, query func() (driver.Rows, error)) (driver.Rows, error) {
	over := c.bound(ctx)
	rows, err := query()
	if err != nil {
		return nil, over(err)
	}
	return hangUpRows{rows, c, ctx, over}, nil
}

// Next reads a row.
func (r hangUpRows) Next(row []driver.Value) error {
	err := r.Rows.Next(row)
	if err == nil || err == io.EOF {
		return err
	}
	return r.conn.explain(r.ctx, err)
}

// Close ends the statement.
func (r hangUpRows) Close() error { return r.over(r.Rows.Close()) }
