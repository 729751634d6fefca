package pg

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"integr8/pipeline/failure"
)

// Preparing returns a connector whose connections prepare each statement at its first
// use and keep it, so that it is parsed and planned once for each connection and not for
// each batch. A connection keeps all of them, so there must be few different statements.
// connector must be a result of Connector.
func Preparing(connector driver.Connector) driver.Connector { return preparingConnector{connector} }

type preparingConnector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c preparingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(pqConn)
	if !ok {
		return nil, errors.Join(errNotOfPQ(conn), conn.Close())
	}
	return &preparingConn{pqConn: full, prepared: map[string]pqStatement{}}, nil
}

type preparingConn struct {
	pqConn
	prepared map[string]pqStatement
	outdated bool
}

// QueryContext implements driver.QueryerContext.
func (c *preparingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	statement, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(ctx, args)
	return rows, c.checkOutdated(err)
}

// ExecContext implements driver.ExecerContext.
func (c *preparingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	statement, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := statement.ExecContext(ctx, args)
	return result, c.checkOutdated(err)
}

func (c *preparingConn) statement(ctx context.Context, query string) (pqStatement, error) {
	if known, ok := c.prepared[query]; ok {
		return known, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	statement, ok := made.(pqStatement)
	if !ok {
		return nil, errors.Join(errNoStatementOfPQ(made), made.Close())
	}
	c.prepared[query] = statement
	return statement, nil
}

// checkOutdated marks an error as an outage when it means that the session's prepared
// statements are outdated: a migration changed the type of a result, or a pooler dropped
// the statements. A new session prepares them again, so the statement is not refused for
// good.
func (c *preparingConn) checkOutdated(err error) error {
	const planNoLongerFits = "RevalidateCachedQuery" // the server's function that raises the error
	var refused *pq.Error
	if !errors.As(err, &refused) {
		return unlessRefused(err)
	}
	if refused.Code == pqerror.InvalidSQLStatementName || refused.Code == pqerror.FeatureNotSupported && refused.Routine == planNoLongerFits {
		c.outdated = true
		return failure.Unavailable(err)
	}
	return err
}

// IsValid returns false when the statements are outdated, so that database/sql replaces
// the connection.
func (c *preparingConn) IsValid() bool { return !c.outdated && c.pqConn.IsValid() }
