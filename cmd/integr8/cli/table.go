package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"golang.org/x/term"
)

// long is a cell that may be cut where a line would not fit the terminal: a name
// or a URL. Numbers, ids and times are never cut.
type long string

// table lines up its columns. On a terminal, a table of three columns and more is
// made to fit its width; elsewhere nothing is ever cut.
type table struct {
	width int // of the terminal; 0 elsewhere
	rows  [][]cell
}

type cell struct {
	text string
	long bool
}

// row adds a line. What others sent may hold control characters and marks that
// turn the direction of text: they do not reach the terminal.
func (t *table) row(cells ...any) {
	row := make([]cell, len(cells))
	for i, value := range cells {
		_, isLong := value.(long)
		row[i] = cell{printable(fmt.Sprint(value)), isLong}
	}
	t.rows = append(t.rows, row)
}

// write prints the rows.
func (t *table) write(out io.Writer) error {
	writer := tabwriter.NewWriter(out, 0, 0, columnGap, ' ', 0)
	for rest := t.rows; len(rest) > 0; {
		n := 1
		for n < len(rest) && len(rest[n]) == len(rest[0]) {
			n++
		}
		if t.width > 0 && len(rest[0]) > 2 {
			fit(rest[:n], t.width)
		}
		for _, row := range rest[:n] {
			texts := make([]string, len(row))
			for i := range row {
				texts[i] = row[i].text
			}
			_, _ = io.WriteString(writer, strings.Join(texts, "\t")+"\n") // Flush tells of what fails
		}
		rest = rest[n:]
	}
	if err := writer.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

const (
	columnGap   = 2
	leastColumn = 12 // a column of long cells is not made narrower
)

// fit cuts the long cells of rows with equally many columns, those of the widest
// column first, until a line has at most so many characters, if that is possible.
func fit(rows [][]cell, width int) {
	widths, elastic := make([]int, len(rows[0])), make([]bool, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell.text))
			elastic[i] = elastic[i] || cell.long
		}
	}
	excess := columnGap*(len(widths)-1) - width
	for _, w := range widths {
		excess += w
	}
	for ; excess > 0; excess-- {
		widest := -1
		for i, w := range widths {
			if elastic[i] && w > leastColumn && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	for _, row := range rows {
		for i := range row {
			if runes := []rune(row[i].text); row[i].long && len(runes) > widths[i] {
				row[i].text = string(runes[:widths[i]-1]) + "…"
			}
		}
	}
}

// terminalWidth is how many columns out has; 0 where it is no terminal.
func terminalWidth(out io.Writer) int {
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}
