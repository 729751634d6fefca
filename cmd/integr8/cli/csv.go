package cli

import (
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"integr8/handlers/operate"
)

// csvColumn is a column of CSV.
type csvColumn[T any] struct {
	name string
	// value is a text, a number, an amount, an id, a time, or a pointer to one of them;
	// nil is empty.
	value func(*T) any
}

// writeCSV writes the rows of loop, under the names of the columns if named is set.
func writeCSV[T any](out io.Writer, columns []csvColumn[T], named bool, loop func(func(*T) error) error) error {
	writer := csv.NewWriter(out)
	cells := make([]string, len(columns))
	if named {
		for i, column := range columns {
			cells[i] = column.name
		}
		if err := writer.Write(cells); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	err := loop(func(row *T) error {
		for i, column := range columns {
			cells[i] = csvCell(column.value(row))
		}
		return writer.Write(cells)
	})
	if writer.Flush(); err == nil && writer.Error() != nil {
		err = fmt.Errorf("write CSV: %w", writer.Error())
	}
	return err
}

// csvCell writes a value exactly: amounts with all their places, times in UTC to the
// microsecond. Only a text is ever changed: see operate.Guarded.
func csvCell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return operate.Guarded(v)
	case *string:
		return pointed(v, operate.Guarded)
	case *int64:
		return pointed(v, func(n int64) string { return fmt.Sprint(n) })
	case *uuid.UUID:
		return pointed(v, uuid.UUID.String)
	case time.Time:
		return csvTime(v)
	case *time.Time:
		return pointed(v, csvTime)
	case decimal.NullDecimal:
		if !v.Valid {
			return ""
		}
		return v.Decimal.String()
	case int, int64, uuid.UUID, decimal.Decimal:
		return fmt.Sprint(v)
	default:
		return operate.Guarded(fmt.Sprint(v)) // a word of ours
	}
}

func pointed[V any](value *V, text func(V) string) string {
	if value == nil {
		return ""
	}
	return text(*value)
}

func csvTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }
