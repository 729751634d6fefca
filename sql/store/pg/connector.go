package pg

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	sqlfiles "integr8/sql"
)

// Setting is a setting of a session. Settings are set by a statement and not by startup
// parameters, which poolers and distributed engines refuse.
type Setting struct{ Name, Value string }

// Bounds returns the settings with which the server ends statements and transactions that
// a process has abandoned. The server applies them by itself, also when the process has
// died, hangs, or could not reach the server to cancel a statement. Without them an
// abandoned statement would stay in the queue for a lock and block all statements behind
// it. Statements end before the connection counts as silent.
func Bounds(silence time.Duration) []Setting {
	return []Setting{
		{"statement_timeout", fmt.Sprintf("%dms", max(1, silence*4/5/time.Millisecond))},
		{"idle_in_transaction_session_timeout", fmt.Sprintf("%dms", max(1, silence/time.Millisecond))},
	}
}

// Connector returns a connector to the server of a Postgres URL, whose sessions
// have the settings. silence bounds how long the server may send nothing during
// a statement; 0 means no bound. No error quotes the URL, because it contains a password.
func Connector(url string, silence time.Duration, settings ...Setting) (driver.Connector, error) {
	config, err := pq.NewConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL cannot be read: it must look like postgres://user:password@host:5432/name")
	}
	// Parameters are sent with their statement, in one round trip instead of two,
	// and arrays in binary format.
	config.BinaryParameters = true
	made, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL cannot be used: it must look like postgres://user:password@host:5432/name")
	}
	made.Dialer(silentDialer{silence})
	return outageConnector{handshakeConnector{settingConnector{made, settings}}}, nil
}

// settingConnector makes connections and applies the settings to their sessions, in one
// round trip.
type settingConnector struct {
	driver.Connector
	settings []Setting
}

// Connect implements driver.Connector.
func (c settingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	execer, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errNotOfPQ(conn), conn.Close())
	}
	var names, values pq.StringArray
	for _, s := range c.settings {
		names, values = append(names, s.Name), append(values, s.Value)
	}
	statement := sqlfiles.Query("sessions/set_up")
	bound, err := statement.Bind(map[string]any{"names": names, "values": values})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set up a session: %w", err), conn.Close())
	}
	arguments := make([]driver.NamedValue, len(bound))
	for i, list := range bound {
		value, err := list.(driver.Valuer).Value()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("set up a session: %w", err), conn.Close())
		}
		arguments[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}
	if _, err := execer.ExecContext(ctx, statement.Text, arguments); err != nil {
		return nil, errors.Join(fmt.Errorf("set up a session: %w", err), conn.Close())
	}
	return conn, nil
}
