package store

import "integr8/sql/store/pg"

// generalSettings are the settings of every session.
var generalSettings = []pg.Setting{
	// Times are UTC, independent of the server's zone.
	{Name: "timezone", Value: "UTC"},
	// A statement sees all that was committed before the statement began. If it saw only
	// what was committed before its transaction began, a conversion could be decided with
	// outdated rules on unique orders, see SetUniqueOrders.
	{Name: "default_transaction_isolation", Value: "read committed"},
	// With about 60 partitions the estimated cost crosses jit_above_cost, and
	// Postgres spends 0.5 s compiling a 1 ms query.
	{Name: "jit", Value: "off"},
}

// decidingSettings are the settings of the sessions that decide hits. Each of their
// look-ups is by ids and must use an index, whatever the values and sizes.
var decidingSettings = append(generalSettings[:len(generalSettings):len(generalSettings)],
	// A statement is planned once, not for each batch: with a partition a day
	// that takes longer than to run it.
	pg.Setting{Name: "plan_cache_mode", Value: "force_generic_plan"},
	// A plan may be older than the rows: tomorrow's partition is empty when it
	// is made, and for an empty table a sequential scan looks cheaper than its index.
	pg.Setting{Name: "enable_seqscan", Value: "off"},
)

// schemaSettings are the settings of the sessions that change the schema. A session that
// waits to change a table blocks every later session that needs that table. So a change
// must not wait for long: it ends with an error, and is tried again a minute later.
var schemaSettings = append(generalSettings[:len(generalSettings):len(generalSettings)],
	pg.Setting{Name: "lock_timeout", Value: "1s"},
)
