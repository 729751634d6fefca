// Package sql holds the schema and the statements, as files that read and
// run on their own, embedded so that the one binary needs nothing beside it.
package sql

import (
	"embed"
	"fmt"
)

// Migrations are the goose migrations, in order.
//
//go:embed migrations/*.sql
var Migrations embed.FS

//go:embed queries/*.sql
var queries embed.FS

// Query gives the text of queries/NAME.sql. It panics when there is no such
// file, which the first test that runs shows: names are constants in code.
func Query(name string) string {
	text, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(fmt.Sprintf("no statement %s: %v", name, err))
	}
	return string(text)
}
