package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/sql/store"
)

// TestARunningProcessSaysThatTheSchemaIsNewer in one log line and in /readyz, and goes
// on.
func TestARunningProcessSaysThatTheSchemaIsNewer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var found atomic.Pointer[error]
		var log bytes.Buffer
		watch := &schemaWatch{check: func(context.Context) error { return *found.Load() }, logger: slog.New(slog.NewTextHandler(&log, nil))}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- watch.run(ctx) }()
		after := func(err error) string {
			t.Helper()
			found.Store(&err)
			time.Sleep(schemaAgain) // of the bubble
			synctest.Wait()
			remark, notReady := watch.remark(t.Context())
			require.NoError(t, notReady, "the process stays ready")
			return remark
		}
		newer := &store.SchemaError{Applied: 15, Known: 14}
		require.Empty(t, after(nil))
		require.Empty(t, after(&store.SchemaError{Applied: 13, Known: 14}))
		require.Equal(t, newer.Error()+": "+newer.Hint(), after(newer))
		require.NotEmpty(t, after(newer))
		require.NotEmpty(t, after(errors.New("the database is away")), "what was found stays")
		require.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
		require.Empty(t, after(nil), "the schema was taken back")
		require.NotEmpty(t, after(newer))
		require.Equal(t, 2, strings.Count(log.String(), "level=WARN"), log.String())
		stop()
		require.NoError(t, <-ended)
	})
}
