package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"integr8/pipeline/failure"
)

// preparingConnector makes connections that prepare a statement when it first
// comes, and keep it: it is parsed and planned once a connection instead of
// once a batch. There must be few different ones.
type preparingConnector struct{ driver.Connector }

// Connect makes a connection.
func (c preparingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(pqConn)
	if !ok {
		return nil, errors.Join(errNotOfPQ(conn), conn.Close())
	}
	return &preparingConn{pqConn: full, prepared: map[string]preparedStatement{}}, nil
}

// pqConn is what database/sql uses of a connection of pq.
type pqConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

func errNotOfPQ(conn driver.Conn) error {
	return fmt.Errorf("a connection of pq lacks a method: %T", conn)
}

type preparedStatement interface {
	driver.Stmt
	driver.StmtQueryContext
	driver.StmtExecContext
}

type preparingConn struct {
	pqConn
	prepared map[string]preparedStatement
	outdated bool
}

// QueryContext runs a statement that answers rows.
func (c *preparingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	statement, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(ctx, args)
	return rows, c.noted(err)
}

// ExecContext runs a statement that answers none.
func (c *preparingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	statement, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := statement.ExecContext(ctx, args)
	return result, c.noted(err)
}

func (c *preparingConn) statement(ctx context.Context, query string) (preparedStatement, error) {
	if known, ok := c.prepared[query]; ok {
		return known, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	statement, ok := made.(preparedStatement)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a statement of pq lacks a method: %T", made), made.Close())
	}
	c.prepared[query] = statement
	return statement, nil
}

// noted looks whether an error means that the session's statements are no
// longer what they were: a migration changed the type of what one answers, or
// someone between us and the server has dropped them. A new session knows better,
// so that this is an outage, and no statement that is refused for good.
func (c *preparingConn) noted(err error) error {
	const notSupported, noSuchStatement = "0A000", "26000"
	const planNoLongerFits = "RevalidateCachedQuery" // the server's function that finds out
	var refused *pq.Error
	if !errors.As(err, &refused) {
		return placed(err)
	}
	if refused.Code == noSuchStatement || refused.Code == notSupported && refused.Routine == planNoLongerFits {
		c.outdated = true
		return failure.Unavailable(err)
	}
	return err
}

// IsValid has a connection replaced whose statements are outdated.
func (c *preparingConn) IsValid() bool { return !c.outdated && c.pqConn.IsValid() }
