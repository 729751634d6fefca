package store

import (
	"context"
	"database/sql"
	"maps"

	"github.com/jmoiron/sqlx"

	sqlfiles "integr8/sql"
	"integr8/sql/store/pg"
)

// args are the values of the parameters of a statement, by name.
type args map[string]any

// with returns the values of both.
func (a args) with(more args) args {
	maps.Copy(more, a)
	return more
}

// selectRows reads all rows of a statement into rows, a pointer to a slice.
func selectRows(ctx context.Context, db sqlx.QueryerContext, rows any, name string, values args) error {
	statement := sqlfiles.Query(name)
	bound, err := statement.Bind(values)
	if err != nil {
		return err
	}
	return sqlx.SelectContext(ctx, db, rows, statement.Text, bound...)
}

// selectRow reads the first row of a statement into row, a pointer. It returns
// sql.ErrNoRows when there is none.
func selectRow(ctx context.Context, db sqlx.QueryerContext, row any, name string, values args) error {
	statement := sqlfiles.Query(name)
	bound, err := statement.Bind(values)
	if err != nil {
		return err
	}
	return sqlx.GetContext(ctx, db, row, statement.Text, bound...)
}

// execute runs a statement that returns no rows.
func execute(ctx context.Context, db sqlx.ExecerContext, name string, values args) (sql.Result, error) {
	statement := sqlfiles.Query(name)
	bound, err := statement.Bind(values)
	if err != nil {
		return nil, err
	}
	return db.ExecContext(ctx, statement.Text, bound...)
}

// batch is a statement whose parameters are arrays, one for each column of its rows.
type batch[R any] struct {
	statement sqlfiles.Statement
	// columns are in the order of the statement's parameters; nil marks a parameter that
	// is not a column.
	columns []pg.Column[R]
}

// batchOf returns the batch of a statement. columns are by the names of its parameters;
// others are the names of parameters that are not columns. It panics when a parameter is
// missing, because all of them are constants in code.
func batchOf[R any](name string, columns map[string]pg.Column[R], others ...string) batch[R] {
	b := batch[R]{statement: sqlfiles.Query(name)}
	given := args{}
	for name, column := range columns {
		given[name] = column
	}
	for _, name := range others {
		given[name] = pg.Column[R](nil)
	}
	bound, err := b.statement.Bind(given)
	if err != nil {
		panic(err)
	}
	for _, column := range bound {
		b.columns = append(b.columns, column.(pg.Column[R]))
	}
	return b
}

// bind returns the parameters for rows, with the values of others.
func (b batch[R]) bind(rows []R, others args) []any {
	bound := make([]any, len(b.columns))
	for i, column := range b.columns {
		if column == nil {
			bound[i] = others[b.statement.Parameters[i]]
			continue
		}
		bound[i] = column(rows)
	}
	return bound
}

// queryRows runs a statement whose rows the caller reads one by one, and closes.
func queryRows(ctx context.Context, db sqlx.QueryerContext, name string, values args) (*sqlx.Rows, error) {
	statement := sqlfiles.Query(name)
	bound, err := statement.Bind(values)
	if err != nil {
		return nil, err
	}
	return db.QueryxContext(ctx, statement.Text, bound...)
}
