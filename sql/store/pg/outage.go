package pg

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"

	"integr8/pipeline/failure"
)

// outageConnector makes connections that mark errors as an outage by the place where
// they arise. Every error while a session is made or a transaction is begun is an outage,
// because no statement can be its cause: an expired certificate, a refused log-in, a
// standby that refuses to begin a transaction for writing. An error that breaks a session
// later is an outage too. The remaining errors are the server's refusals of a statement
// or of a commit, which package failure classifies by their code.
type outageConnector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c outageConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, failure.Unavailable(err)
	}
	full, ok := conn.(pqConn)
	if !ok {
		return nil, errors.Join(errNotOfPQ(conn), conn.Close())
	}
	return outageConn{full}, nil
}

type outageConn struct{ pqConn }

// BeginTx implements driver.ConnBeginTx.
func (c outageConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := c.pqConn.BeginTx(ctx, options)
	if err != nil {
		return nil, failure.Unavailable(err)
	}
	return outageTx{tx}, nil
}

// PrepareContext implements driver.ConnPrepareContext.
func (c outageConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	statement, err := c.pqConn.PrepareContext(ctx, query)
	return statement, unlessRefused(err)
}

// QueryContext implements driver.QueryerContext.
func (c outageConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.pqConn.QueryContext(ctx, query, args)
	return rows, unlessRefused(err)
}

// ExecContext implements driver.ExecerContext.
func (c outageConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.pqConn.ExecContext(ctx, query, args)
	return result, unlessRefused(err)
}

type outageTx struct{ driver.Tx }

// Commit implements driver.Tx. The server may refuse a commit: a serialization failure
// may be reported only here.
func (t outageTx) Commit() error { return unlessRefused(t.Tx.Commit()) }

// unlessRefused marks an error as an outage unless the server returned it for a
// statement.
func unlessRefused(err error) error {
	var refused *pq.Error
	if err == nil || err == driver.ErrSkip || errors.As(err, &refused) {
		return err
	}
	return failure.Unavailable(err)
}
