package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestCSVIsExact(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 16, 9, 26, 535897000, time.FixedZone("", 3600))
	text, number := "a,\"b\"\nc", int64(7)
	var none *string
	columns := []csvColumn[int]{
		{"amount", func(*int) any { return decimal.RequireFromString("123456789012.000001") }},
		{"at", func(*int) any { return at }}, {"text", func(*int) any { return &text }}, {"number", func(*int) any { return &number }},
		{"none", func(*int) any { return none }}, {"null", func(*int) any { return decimal.NullDecimal{} }},
	}
	one := 1
	var out bytes.Buffer
	require.NoError(t, writeCSV(&out, columns, true, func(write func(*int) error) error { return write(&one) }))
	read, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{{"amount", "at", "text", "number", "none", "null"},
		{"123456789012.000001", "2026-03-14T15:09:26.535897Z", text, "7", "", ""}}, read)

	out.Reset()
	failed := errors.New("the database is away")
	err = writeCSV(&out, columns, false, func(write func(*int) error) error { return errors.Join(write(&one), failed) })
	require.ErrorIs(t, err, failed)
	require.Equal(t, 2, strings.Count(out.String(), "\n"), "what was read is written, without names")
}
