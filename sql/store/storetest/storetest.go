// Package storetest makes a migrated Postgres database for each test.
package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	sqlfiles "integr8/sql"
	"integr8/sql/store"
)

// Open returns a Store on a fresh, migrated database that is dropped when the
// test ends.
func Open(t testing.TB) *store.Store {
	t.Helper()
	opened, err := store.Open(URL(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	return opened
}

// URL returns the address of a fresh, migrated database that is dropped when the test
// ends. It fails the test when DATABASE_URL is not set.
func URL(t testing.TB) string {
	t.Helper()
	base := os.Getenv("DATABASE_URL")
	require.NotEmpty(t, base, "these tests need a real Postgres: run `make test`, or set DATABASE_URL")
	admin := open(t, base)
	template := ensureTemplate(t, admin, base)

	name := "test_" + strings.ToLower(rand.Text()[:16])
	exec(t, admin, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, template))
	t.Cleanup(func() { exec(t, open(t, base), fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)) })
	return withDatabase(t, base, name)
}

// ensureTemplate makes the migrated database from which the tests' databases are
// copied, once for each schema and day.
func ensureTemplate(t testing.TB, admin *sql.DB, base string) string {
	t.Helper()
	name := "template_" + schemaDigest(t) + time.Now().UTC().Format("_20060102")
	// Several test processes, of different packages, may be here at the same time.
	conn, err := admin.Conn(context.Background())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(context.Background(), "SELECT pg_advisory_lock(hashtext('integr8 test template'))")
	require.NoError(t, err)
	// Closing conn only returns it to the pool, with the lock still held.
	defer func() {
		_, err := conn.ExecContext(context.Background(), "SELECT pg_advisory_unlock(hashtext('integr8 test template'))")
		require.NoError(t, err)
	}()

	var ready bool
	err = conn.QueryRowContext(context.Background(),
		"SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)", name).Scan(&ready)
	require.NoError(t, err)
	if ready {
		return name
	}
	exec(t, admin, "DROP DATABASE IF EXISTS "+name)
	exec(t, admin, "CREATE DATABASE "+name)
	opened, err := store.Open(withDatabase(t, base, name))
	require.NoError(t, err)
	_, err = opened.Migrate(context.Background())
	require.NoError(t, err)
	require.NoError(t, opened.Close())
	exec(t, admin, fmt.Sprintf("ALTER DATABASE %s IS_TEMPLATE true", name))
	return name
}

func schemaDigest(t testing.TB) string {
	t.Helper()
	sum := sha256.New()
	err := fs.WalkDir(sqlfiles.Migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(sqlfiles.Migrations, path)
		sum.Write(text)
		return err
	})
	require.NoError(t, err)
	return fmt.Sprintf("%x", sum.Sum(nil)[:6])
}

func open(t testing.TB, address string) *sql.DB {
	t.Helper()
	connector, err := pq.NewConnector(address)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func exec(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	_, err := db.Exec(statement)
	require.NoError(t, err, statement)
}

func withDatabase(t testing.TB, base, name string) string {
	t.Helper()
	address, err := url.Parse(base)
	require.NoError(t, err)
	address.Path = "/" + name
	return address.String()
}
