package store_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/token"
	"integr8/sql/store"
)

func TestBoundedStoreGivesUpOnAServerThatIsSilent(t *testing.T) {
	t.Parallel()
	// A server that accepts connections and never sends anything.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	opened, err := store.OpenBounded("postgres://nobody@"+listener.Addr().String()+"/none?sslmode=disable", 50*time.Millisecond)
	require.NoError(t, err)
	defer opened.Close()
	_, _, err = opened.WaitingFor(context.Background(), []token.TransactionID{{1}}, uuid.Nil)
	require.Error(t, err)
	require.Equal(t, failure.Outage, failure.Of(err))
}

func TestBoundedStoreGivesUpASilentHandshakeWithItsContext(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	opened, err := store.OpenBounded("postgres://nobody@"+listener.Addr().String()+"/none?sslmode=disable&connect_timeout=3600", time.Hour)
	require.NoError(t, err)
	defer opened.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err = opened.Ping(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, failure.Outage, failure.Of(err))
	require.Equal(t, failure.Outage, failure.Of(opened.CheckSchema(ctx)))
}
