package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// output is embedded in every command that answers something.
type output struct {
	JSON bool `name:"json" help:"Answer as JSON."`
}

// print answers either the value as JSON, with snake_case keys, or what human
// writes to the table.
func (o output) print(app *app, value any, human func(*table)) error {
	if o.JSON {
		encoder := json.NewEncoder(app.stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(value); err != nil {
			return fmt.Errorf("write JSON: %w", err)
		}
		return nil
	}
	t := &table{writer: tabwriter.NewWriter(app.stdout, 0, 0, 2, ' ', 0)}
	human(t)
	if err := t.writer.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// table lines up its columns.
type table struct{ writer *tabwriter.Writer }

// row writes one line. Control characters, which may be in what others sent,
// do not reach the terminal.
func (t *table) row(cells ...any) {
	for i, cell := range cells {
		if i > 0 {
			_, _ = io.WriteString(t.writer, "\t") // Flush tells of what fails
		}
		_, _ = io.WriteString(t.writer, printable(fmt.Sprint(cell)))
	}
	_, _ = io.WriteString(t.writer, "\n")
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text)
}
