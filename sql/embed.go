// Package sql holds the schema and the statements, as files that read and
// run on their own, embedded so that the one binary needs nothing beside it.
package sql

import "embed"

// Migrations are the goose migrations, in order.
//
//go:embed migrations/*.sql
var Migrations embed.FS
