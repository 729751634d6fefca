package pg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
)

// refusing is a connection that returns the same error for every call.
type refusing struct {
	pqConn
	err error
}

func (r refusing) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) { return nil, r.err }

func (r refusing) PrepareContext(context.Context, string) (driver.Stmt, error) { return nil, r.err }

func (r refusing) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return nil, r.err
}

func (r refusing) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, r.err
}

// refusingTx is a transaction that does not commit.
type refusingTx struct {
	driver.Tx
	err error
}

func (r refusingTx) Commit() error { return r.err }

func TestOnlyTheRefusalOfAStatementIsNoOutage(t *testing.T) {
	notSupported, value := &pq.Error{Code: "0A000"}, &pq.Error{Code: "22003"}
	unknown := errors.New("something of the driver's own")
	for _, row := range []struct {
		err                               error
		connect, begin, statement, commit failure.Class
	}{
		{notSupported, failure.Outage, failure.Outage, failure.Transient, failure.Transient},
		{value, failure.Outage, failure.Outage, failure.Permanent, failure.Permanent},
		{unknown, failure.Outage, failure.Outage, failure.Outage, failure.Outage},
		{driver.ErrBadConn, failure.Outage, failure.Outage, failure.Outage, failure.Outage},
		{context.Canceled, failure.Shutdown, failure.Shutdown, failure.Shutdown, failure.Shutdown},
	} {
		t.Run(row.err.Error(), func(t *testing.T) {
			_, err := outageConnector{failing{row.err}}.Connect(t.Context())
			require.Equal(t, row.connect, failure.Of(err), "connect")
			require.ErrorIs(t, err, row.err, "database/sql looks for errors of its own")

			conn := outageConn{refusing{err: row.err}}
			_, err = conn.BeginTx(t.Context(), driver.TxOptions{})
			require.Equal(t, row.begin, failure.Of(err), "begin")
			_, err = conn.PrepareContext(t.Context(), "")
			require.Equal(t, row.statement, failure.Of(err), "prepare")
			_, err = conn.QueryContext(t.Context(), "", nil)
			require.Equal(t, row.statement, failure.Of(err), "query")
			_, err = conn.ExecContext(t.Context(), "", nil)
			require.Equal(t, row.statement, failure.Of(err), "execute")
			require.Equal(t, row.commit, failure.Of(outageTx{refusingTx{err: row.err}}.Commit()), "commit")
		})
	}
}

// failing makes no connection.
type failing struct{ err error }

func (f failing) Connect(context.Context) (driver.Conn, error) { return nil, f.err }
func (f failing) Driver() driver.Driver                        { return nil }

func TestTheErrorOfAnEndedSessionIsAnOutage(t *testing.T) {
	for _, gone := range []error{sql.ErrTxDone, sql.ErrConnDone} {
		err := Ended(fmt.Errorf("write rows: %w", gone))
		require.Equal(t, failure.Outage, failure.Of(err))
		require.ErrorIs(t, err, gone)
	}
	require.Equal(t, failure.Transient, failure.Of(Ended(errors.New("another"))))
	require.NoError(t, Ended(nil))
}
