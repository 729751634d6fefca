package app

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"integr8/pipeline/failure"
	"integr8/sql/store"
)

// schemaWatch notices that a later version of the program has migrated the schema
// under a process that runs. The process goes on: hits that are accepted are decided,
// and to stop all workers at once would turn a migration into an outage. But its rules
// may not be those of the new version, so a log line and /readyz say that it is to be
// replaced.
type schemaWatch struct {
	// check is store.CheckSchema.
	check  func(context.Context) error
	logger *slog.Logger
	// newer holds the difference where the schema is newer, else nil.
	newer atomic.Pointer[store.SchemaError]
}

// schemaAgain is the time between two looks, of three small statements each.
const schemaAgain = 30 * time.Second

// run looks until ctx ends.
func (w *schemaWatch) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(schemaAgain):
			w.look(ctx)
		}
	}
}

// look compares once, and logs a difference once. While the database is away, what was
// found before stays.
func (w *schemaWatch) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, compareTimeout)
	defer cancel()
	err := w.check(ctx)
	var differs *store.SchemaError
	switch found := errors.As(err, &differs); {
	case found && differs.Newer():
		if w.newer.Swap(differs) == nil {
			w.logger.Warn("a newer version has migrated the database under this process", "error", failure.OneLine(err), "hint", differs.Hint())
		}
	case found || err == nil:
		w.newer.Store(nil)
	}
}

// remark is the check of that name, which is never the cause that a process is not
// ready.
func (w *schemaWatch) remark(context.Context) (string, error) {
	if differs := w.newer.Load(); differs != nil {
		return differs.Error() + ": " + differs.Hint(), nil
	}
	return "", nil
}
