package storetest

import (
	"testing"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver of Rows
	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
	"integr8/sql/store"
)

// Database is a database of a test's own.
type Database struct {
	*store.Store
	URL string
	// Rows reads and writes what no use case does.
	Rows *sqlx.DB
	// Keys are the service secrets of the test.
	Keys token.Keys
}

// NewDatabase opens a fresh database until the test ends.
func NewDatabase(t testing.TB) *Database {
	t.Helper()
	address := URL(t)
	opened, err := store.Open(address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	rows, err := sqlx.Open("postgres", address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	keys, err := token.ParseKeys("a service secret for tests")
	require.NoError(t, err)
	return &Database{Store: opened, URL: address, Rows: rows, Keys: keys}
}
