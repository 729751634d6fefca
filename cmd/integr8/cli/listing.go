package cli

import (
	"bufio"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/handlers/operate/search"
)

// listing is embedded in commands that list rows of which there may be millions: they are
// written as they are read.
type listing struct {
	output
	CSV    bool          `name:"csv" help:"Write CSV (RFC 4180). A text that a spreadsheet would take for a formula has an apostrophe before it; so has one that begins with an apostrophe."`
	Limit  *int          `placeholder:"N" help:"At most so many; 0 is all. Default 50, and all with --json and --csv."`
	Cursor search.Cursor `placeholder:"CURSOR" help:"Go on where a list ended that printed this cursor. With --csv, without the line of names."`
}

// shownRows is how many rows are shown to a person by default.
const shownRows = 50

// Validate refuses what contradicts itself.
func (l *listing) Validate() error {
	switch {
	case l.Limit != nil && *l.Limit < 0:
		return errors.New("--limit cannot be negative; 0 is all")
	case l.JSON && l.CSV:
		return errors.New("--json and --csv exclude each other")
	default:
		return nil
	}
}

// most is how many rows are listed; 0 is all.
func (l *listing) most() int {
	switch {
	case l.Limit != nil:
		return *l.Limit
	case l.JSON || l.CSV:
		return 0
	default:
		return shownRows
	}
}

// wanted is how many rows are read: one more than is listed shows that there is one.
func (l *listing) wanted() int {
	if l.most() == 0 {
		return 0
	}
	return l.most() + 1
}

// form is how rows of a kind are written.
type form[T any] struct {
	// noun is one of them.
	noun   string
	id     func(*T) uuid.UUID
	header []any
	cells  func(*T) []any
	csv    []csvColumn[T]
}

// writeRows writes rows as the flags want them. Where it ends before the last one, it
// prints the cursor behind the last that was written whole, also after an error.
func writeRows[T any](inv *invocation, l *listing, found iter.Seq2[T, error], f form[T]) error {
	out := bufio.NewWriterSize(inv.stdout, 1<<16)
	count, last, more := 0, search.Cursor{}, false
	loop := func(write func(*T) error) error {
		for row, err := range found {
			if err != nil {
				return err
			}
			if more = l.most() > 0 && count == l.most(); more {
				return nil
			}
			if err := write(&row); err != nil {
				return err
			}
			count, last = count+1, search.Behind(f.id(&row))
		}
		return nil
	}
	var err error
	switch {
	case l.JSON:
		err = writeJSONList(out, func(write func(any) error) error { return loop(func(row *T) error { return write(row) }) })
	case l.CSV:
		err = writeCSV(out, f.csv, l.Cursor.IsZero(), loop)
	default:
		err = writeTables(out, terminalWidth(inv.stdout), f, loop)
	}
	if flushed := out.Flush(); flushed != nil {
		return fmt.Errorf("write the list: %w", flushed)
	}
	if (err != nil || more) && !last.IsZero() {
		fmt.Fprintf(inv.stderr, "%s written. To go on behind the last one: --cursor %s\n", operate.Count(int64(count), f.noun, "was", "were"), last)
	}
	return err
}

// rowsATable is how many rows are lined up together: a table is held in memory.
const rowsATable = 500

func writeTables[T any](out *bufio.Writer, width int, f form[T], loop func(func(*T) error) error) error {
	t := &table{width: width}
	t.row(f.header...)
	held := 0
	err := loop(func(row *T) error {
		t.row(f.cells(row)...)
		if held++; held < rowsATable {
			return nil
		}
		full := t
		t, held = &table{width: width}, 0
		return full.write(out)
	})
	return errors.Join(t.write(out), err)
}
