package pg

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
// has ended. pq requests the cancellation on a second connection; a healthy server
// cancels within milliseconds.
const hangUpAfter = 500 * time.Millisecond

// errSilent means that this process closed the connection, because the server neither
// ended a statement nor cancelled it.
var errSilent = failure.Unavailable(errors.New("the database accepts connections and does not answer"))

// hangUpConn closes its socket when the context of a statement or of a transaction
// has ended and the server does not react within hangUpAfter. pq itself would wait as
// long as the server is silent: a frozen server neither responds nor cancels.
type hangUpConn struct {
	pqConn
	socket net.Conn
	cut    atomic.Bool
}

// bound makes the end of ctx end a call to the server. over must be called once with the
// error of that call; it returns the error to report.
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
			_ = c.socket.Close() // the statement fails, and its error is reported
		}
	})
	return func(err error) error {
		if !stop() {
			close(ended)
		}
		return c.explain(ctx, err)
	}
}

// explain returns errSilent in place of an error that closing the socket caused.
func (c *hangUpConn) explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || !c.cut.Load() {
		return err
	}
	return fmt.Errorf("%w: %w", errSilent, context.Cause(ctx))
}

// IsValid returns false after the socket was closed, so that database/sql replaces the
// connection.
func (c *hangUpConn) IsValid() bool { return !c.cut.Load() && c.pqConn.IsValid() }

// PrepareContext implements driver.ConnPrepareContext.
func (c *hangUpConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	over := c.bound(ctx)
	made, err := c.pqConn.PrepareContext(ctx, query)
	if err = over(err); err != nil {
		return nil, err
	}
	statement, ok := made.(pqStatement)
	if !ok {
		return nil, errors.Join(errNoStatementOfPQ(made), made.Close())
	}
	return hangUpStatement{statement, c}, nil
}

// BeginTx implements driver.ConnBeginTx. ctx bounds the commit and the rollback, too.
func (c *hangUpConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	over := c.bound(ctx)
	tx, err := c.pqConn.BeginTx(ctx, options)
	if err != nil {
		return nil, over(err)
	}
	return hangUpTx{tx, over}, nil
}

// QueryContext implements driver.QueryerContext.
func (c *hangUpConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.rows(ctx, func() (driver.Rows, error) { return c.pqConn.QueryContext(ctx, query, args) })
}

// ExecContext implements driver.ExecerContext.
func (c *hangUpConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	over := c.bound(ctx)
	result, err := c.pqConn.ExecContext(ctx, query, args)
	return result, over(err)
}

// Ping implements driver.Pinger.
func (c *hangUpConn) Ping(ctx context.Context) error {
	over := c.bound(ctx)
	return over(c.pqConn.Ping(ctx))
}

type hangUpStatement struct {
	pqStatement
	conn *hangUpConn
}

// QueryContext implements driver.StmtQueryContext.
func (s hangUpStatement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.rows(ctx, func() (driver.Rows, error) { return s.pqStatement.QueryContext(ctx, args) })
}

// ExecContext implements driver.StmtExecContext.
func (s hangUpStatement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	over := s.conn.bound(ctx)
	result, err := s.pqStatement.ExecContext(ctx, args)
	return result, over(err)
}

// hangUpTx is bounded by the context of its BeginTx, because driver.Tx has no context in
// Commit and Rollback.
type hangUpTx struct {
	driver.Tx
	over func(error) error
}

// Commit implements driver.Tx.
func (t hangUpTx) Commit() error { return t.over(t.Tx.Commit()) }

// Rollback implements driver.Tx.
func (t hangUpTx) Rollback() error { return t.over(t.Tx.Rollback()) }

// hangUpRows is bounded until Close, because rows arrive while they are read.
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

// Next implements driver.Rows.
func (r hangUpRows) Next(row []driver.Value) error {
	err := r.Rows.Next(row)
	if err == nil || err == io.EOF {
		return err
	}
	return r.conn.explain(r.ctx, err)
}

// Close implements driver.Rows.
func (r hangUpRows) Close() error { return r.over(r.Rows.Close()) }
