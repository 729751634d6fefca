package handlers_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// unwritable is a database that fails the writes of this process.
type unwritable struct{ *store.Store }

func (unwritable) Write(context.Context, []*attribution.Record) error {
	return errors.New("unexpected data beyond EOF in block 7")
}

// handled is a queue whose hits a worker has handled before Put returns.
type handled struct{ *network }

func (q handled) Put(_ context.Context, h *hit.Hit) error { return q.tryHandle(h) }

func TestAWaitThatBeginsAgainDuringTheHandOverContinues(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	click := n.newClick()
	h := n.newPostback(n.Global, click.TransactionID)
	n.handle(h)
	n.endWindows()
	options := n.options()
	options.Records, options.Queue = unwritable{n.store}, handled{n.worker()}
	sweeper := n.newSweeper(func(o *handlers.SweeperOptions) { o.Postbacks = handlers.NewPostbacks(options) })
	require.NoError(t, sweeper.sweep())
	require.Equal(t, "waiting", n.outcome(h).Outcome)
	require.Equal(t, 2, n.outcome(h).Decisions, "another worker has looked at it meanwhile")
	require.Equal(t, 1, n.count("waiting_postbacks WHERE waits_until > now()"))
	n.handle(click)
	require.Equal(t, "converted", n.outcome(h).Outcome)
}
