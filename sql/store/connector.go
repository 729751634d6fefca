package store

import (
	"database/sql/driver"
	"fmt"
	"maps"

	"github.com/lib/pq"
)

// generalSettings are those of every session.
var generalSettings = map[string]string{
	// Times are UTC, whatever the server's zone is.
	"timezone": "UTC",
	// The sum of what sixty partitions might cost would have statements of a
	// millisecond compiled, which takes half a second.
	"jit": "off",
}

// decidingSettings are those of the sessions that decide hits. Each of their
// look-ups goes by ids through an index, whatever the values and sizes.
var decidingSettings = map[string]string{
	"timezone": "UTC",
	"jit":      "off",
	// A statement is planned once, not for each batch: with a partition a day
	// that takes longer than to run it.
	"plan_cache_mode": "force_generic_plan",
	// A plan may be older than the rows: tomorrow's partition is empty when it
	// is made, and to read all of it looks cheaper than its index.
	"enable_seqscan": "off",
}

func connector(config pq.Config, settings map[string]string, dialer pq.Dialer) (driver.Connector, error) {
	config = config.Clone()
	maps.Copy(config.Runtime, settings)
	// Parameters travel with their statement, in one round trip instead of two,
	// and arrays in binary form.
	config.BinaryParameters = true
	made, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL cannot be used: it must look like postgres://user:password@host:5432/name")
	}
	if dialer != nil {
		made.Dialer(dialer)
	}
	return placedConnector{handshakeConnector{made}}, nil
}
