package pg

import (
	"database/sql/driver"
	"fmt"
)

// pqConn has the methods of a connection of pq that database/sql uses. If a layer hid
// one of these methods, database/sql would silently work without it.
type pqConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

// pqStatement has the methods of a prepared statement of pq that database/sql uses.
type pqStatement interface {
	driver.Stmt
	driver.StmtQueryContext
	driver.StmtExecContext
}

func errNotOfPQ(conn driver.Conn) error {
	return fmt.Errorf("a connection of pq lacks a method: %T", conn)
}

func errNoStatementOfPQ(statement driver.Stmt) error {
	return fmt.Errorf("a statement of pq lacks a method: %T", statement)
}
