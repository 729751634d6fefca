package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"

	"integr8/pipeline/failure"
)

// placedConnector makes connections whose errors tell where they arose. What
// fails while a session is made, or a transaction begun, is an outage whatever
// the error is: an expired certificate, a refused log-in, a standby that begins
// no transaction for writing. So is what breaks a session later. No hit can be
// the cause of it. What remains is the server's refusal of a statement or of a
// commit, which package failure classifies by its code.
type placedConnector struct{ driver.Connector }

// Connect makes a connection.
func (c placedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, failure.Unavailable(err)
	}
	full, ok := conn.(pqConn)
	if !ok {
		return nil, errors.Join(errNotOfPQ(conn), conn.Close())
	}
	return placedConn{full}, nil
}

type placedConn struct{ pqConn }

// BeginTx begins a transaction.
func (c placedConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := c.pqConn.BeginTx(ctx, options)
	if err != nil {
		return nil, failure.Unavailable(err)
	}
	return placedTx{tx}, nil
}

// PrepareContext prepares a statement.
func (c placedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	statement, err := c.pqConn.PrepareContext(ctx, query)
	return statement, placed(err)
}

// QueryContext runs a statement that answers rows.
func (c placedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.pqConn.QueryContext(ctx, query, args)
	return rows, placed(err)
}

// ExecContext runs a statement that answers none.
func (c placedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.pqConn.ExecContext(ctx, query, args)
	return result, placed(err)
}

type placedTx struct{ driver.Tx }

// Commit ends a transaction for good. The server may refuse to: that two
// transactions cannot be serialized shows only here.
func (t placedTx) Commit() error { return placed(t.Tx.Commit()) }

// placed marks an error that is not the server's refusal of what it was sent.
func placed(err error) error {
	var refused *pq.Error
	if err == nil || err == driver.ErrSkip || errors.As(err, &refused) {
		return err
	}
	return failure.Unavailable(err)
}

// ended marks an error of database/sql that says that the session or the
// transaction is gone, as after the end of a context.
func ended(err error) error {
	if errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone) {
		return failure.Unavailable(err)
	}
	return err
}
