// Package sql contains the schema and the statements, as files that can be read and
// run on their own. They are embedded, so that the binary needs no other files.
//
// A statement is a file under its noun, queries/<noun>/<verb>.sql. Its parameters
// have names and types, such as :offer_id::bigint, which psql reads in the same way.
// All statements are parsed once, when the program starts. A statement that cannot be
// parsed ends the program, and so every test.
package sql

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Migrations are the goose migrations, in order.
//
//go:embed migrations/*.sql
var Migrations embed.FS

//go:embed queries/*/*.sql
var queries embed.FS

// include begins a line that is replaced by the text of another file of the same noun.
// psql reads such a line in the same way.
const include = `\ir `

const (
	folder    = "queries/"
	extension = ".sql"
)

// statements are all statements by name, and parts the names of the files that
// statements include.
var statements, parts = mustLoad(queries)

// Query returns the statement of queries/NAME.sql, such as "clicks/find". It panics
// when there is none: names are constants in code, and a test looks each of them up.
func Query(name string) Statement {
	statement, ok := statements[name]
	if !ok {
		panic(fmt.Sprintf("there is no statement %s", name))
	}
	return statement
}

// Queries returns the names of all statements, in order, without files that others
// include.
func Queries() []string {
	var names []string
	for name := range statements {
		if !parts[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func mustLoad(files fs.FS) (map[string]Statement, map[string]bool) {
	statements, parts, err := load(files)
	if err != nil {
		panic(err)
	}
	return statements, parts
}

func load(files fs.FS) (statements map[string]Statement, parts map[string]bool, err error) {
	paths, err := fs.Glob(files, folder+"*/*"+extension)
	if err != nil {
		return nil, nil, fmt.Errorf("read the statements: %w", err)
	}
	statements, parts = make(map[string]Statement, len(paths)), map[string]bool{}
	for _, file := range paths {
		text, err := read(files, file, parts)
		if err != nil {
			return nil, nil, err
		}
		name := nameOf(file)
		if statements[name], err = parse(name, text); err != nil {
			return nil, nil, err
		}
	}
	return statements, parts, nil
}

// read returns the text of a file with the files that it includes, and adds the
// names of the included files to parts.
func read(files fs.FS, file string, parts map[string]bool) (string, error) {
	text, err := fs.ReadFile(files, file)
	if err != nil {
		return "", fmt.Errorf("read the statement %s: %w", nameOf(file), err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i, line := range lines {
		included, ok := strings.CutPrefix(line, include)
		if !ok {
			continue
		}
		included = path.Join(path.Dir(file), included)
		parts[nameOf(included)] = true
		if lines[i], err = read(files, included, parts); err != nil {
			return "", err
		}
	}
	return strings.Join(lines, "\n"), nil
}

func nameOf(file string) string {
	return strings.TrimSuffix(strings.TrimPrefix(file, folder), extension)
}
