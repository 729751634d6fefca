// Package sql holds the schema and the statements, as files that read and
// run on their own, embedded so that the one binary needs nothing beside it.
package sql

import (
	"embed"
	"fmt"
	"strings"
)

// Migrations are the goose migrations, in order.
//
//go:embed migrations/*.sql
var Migrations embed.FS

//go:embed queries/*.sql
var queries embed.FS

// include begins a line that stands for the text of another file of queries/.
// psql reads such a line in the same way.
const include = `\ir `

// Query returns the text of queries/NAME.sql, with the files that it includes.
// It panics when there is no such file, which the first test that runs shows:
// names are constants in code.
func Query(name string) string {
	text, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic(fmt.Sprintf("no statement %s: %v", name, err))
	}
	before, rest, included := strings.Cut(string(text), "\n"+include)
	if !included {
		return before
	}
	file, after, _ := strings.Cut(rest, "\n")
	return before + "\n" + Query(strings.TrimSuffix(file, ".sql")) + after
}
