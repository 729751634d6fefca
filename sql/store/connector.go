package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	sqlfiles "integr8/sql"
)

// setting is one of a session. Settings are made by a statement and not when
// the connection starts: poolers and distributed engines refuse startup
// parameters.
type setting struct{ name, value string }

// generalSettings are those of every session.
var generalSettings = []setting{
	// Times are UTC, whatever the server's zone is.
	{"timezone", "UTC"},
	// A statement sees what was committed before it began. By what was there when
	// its transaction began, a conversion would go by unique orders that have
	// changed, see SetUniqueOrders.
	{"default_transaction_isolation", "read committed"},
	// With about 60 partitions the estimated cost crosses jit_above_cost, and
	// Postgres spends 0.5 s compiling a 1 ms query.
	{"jit", "off"},
}

// decidingSettings are those of the sessions that decide hits. Each of their
// look-ups goes by ids through an index, whatever the values and sizes.
var decidingSettings = append(generalSettings[:len(generalSettings):len(generalSettings)],
	// A statement is planned once, not for each batch: with a partition a day
	// that takes longer than to run it.
	setting{"plan_cache_mode", "force_generic_plan"},
	// A plan may be older than the rows: tomorrow's partition is empty when it
	// is made, and to read all of it looks cheaper than its index.
	setting{"enable_seqscan", "off"},
)

// schemaSettings are those of the sessions that change the schema. Everyone who
// needs a table waits behind whoever waits to change it, so that a change must
// not wait for long: it is given up, and tried again a minute later.
var schemaSettings = append(generalSettings[:len(generalSettings):len(generalSettings)],
	setting{"lock_timeout", "1s"},
)

// bounds are the settings that end what a process has given up. The server
// keeps to them by itself, also when the process is gone, hangs, or could not
// reach it to have a statement cancelled: a statement that nobody waits for
// would keep its place among those that wait for a lock, and those behind it
// waiting. Statements end before the connection counts as silent.
func bounds(silence time.Duration) []setting {
	return []setting{
		{"statement_timeout", fmt.Sprintf("%dms", max(1, silence*4/5/time.Millisecond))},
		{"idle_in_transaction_session_timeout", fmt.Sprintf("%dms", max(1, silence/time.Millisecond))},
	}
}

func connector(config pq.Config, dialer pq.Dialer, settings ...setting) (driver.Connector, error) {
	config = config.Clone()
	// Parameters travel with their statement, in one round trip instead of two,
	// and arrays in binary form.
	config.BinaryParameters = true
	made, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL cannot be used: it must look like postgres://user:password@host:5432/name")
	}
	made.Dialer(dialer)
	return placedConnector{handshakeConnector{settingConnector{made, settings}}}, nil
}

// settingConnector makes connections whose session has been set up, in one
// round trip.
type settingConnector struct {
	driver.Connector
	settings []setting
}

// Connect makes a connection.
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
		names, values = append(names, s.name), append(values, s.value)
	}
	arguments := make([]driver.NamedValue, 2)
	for i, list := range []pq.StringArray{names, values} {
		value, err := list.Value()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("set up a session: %w", err), conn.Close())
		}
		arguments[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}
	if _, err := execer.ExecContext(ctx, sqlfiles.Query("set_up_session"), arguments); err != nil {
		return nil, errors.Join(fmt.Errorf("set up a session: %w", err), conn.Close())
	}
	return conn, nil
}
