package pg

import (
	"context"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSilentConnBoundsAResponseAndNotTheTimeBetweenStatements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, server := net.Pipe()
		conn := silentConn{ours, time.Second}
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			request := make([]byte, 1)
			for range 2 {
				_, err := server.Read(request)
				require.NoError(t, err)
				_, err = server.Write(request)
				require.NoError(t, err)
			}
		}()
		answer := make([]byte, 1)
		for range 2 {
			<-time.After(time.Hour) // idle, by the clock of this bubble
			_, err := conn.Write([]byte("?"))
			require.NoError(t, err)
			_, err = conn.Read(answer)
			require.NoError(t, err)
		}
		<-answered
		_, err := conn.Read(answer)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, conn.Close())
		require.NoError(t, server.Close())
	})
}

func TestARequestToCancelEndsWithItsContext(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer mute.Close()
	ctx, cancel := context.WithCancel(t.Context())
	conn, err := silentDialer{time.Hour}.DialContext(ctx, "tcp", mute.Addr().String())
	require.NoError(t, err)
	cancel()
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, net.ErrClosed)
}
