package networktest

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo sends every byte back until the test ends.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn) // until either side closes
				_ = conn.Close()
			}()
		}
	}()
	t.Cleanup(func() { require.NoError(t, listener.Close()); <-done })
	return listener.Addr().String()
}

func start(t *testing.T) (*Proxy, net.Conn) {
	t.Helper()
	proxy, err := New(echo(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	conn, err := net.Dial("tcp", proxy.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	return proxy, conn
}

// say sends a text and receives it back.
func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	_, err := conn.Write([]byte(text))
	require.NoError(t, err)
	answer := make([]byte, len(text))
	_, err = io.ReadFull(conn, answer)
	require.NoError(t, err)
	require.Equal(t, text, string(answer))
}

func TestProxyPassesEverythingOn(t *testing.T) {
	_, conn := start(t)
	say(t, conn, "one")
	say(t, conn, string(make([]byte, 1<<16)))
}

func TestHangingConnectionIsSilentAndDeliversLater(t *testing.T) {
	proxy, conn := start(t)
	say(t, conn, "before")
	proxy.Set(Condition{Hang: true})
	_, err := conn.Write([]byte("during"))
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = conn.Read(make([]byte, 1))
	var netErr net.Error
	require.ErrorAs(t, err, &netErr)
	require.True(t, netErr.Timeout())

	require.NoError(t, conn.SetReadDeadline(time.Now().Add(30*time.Second)))
	proxy.Set(Condition{})
	answer := make([]byte, len("during"))
	_, err = io.ReadFull(conn, answer)
	require.NoError(t, err)
	require.Equal(t, "during", string(answer))
}

func TestRefusedConnectionsAreReset(t *testing.T) {
	proxy, conn := start(t)
	say(t, conn, "before")
	proxy.Set(Condition{Refuse: true})
	_, err := conn.Read(make([]byte, 1))
	require.Error(t, err)
	require.NotErrorIs(t, err, io.EOF)
	proxy.Set(Condition{})
	again, err := net.Dial("tcp", proxy.Addr())
	require.NoError(t, err)
	defer again.Close()
	say(t, again, "after")
}

func TestSlowConnectionsAreDelayed(t *testing.T) {
	proxy, conn := start(t)
	proxy.Set(Condition{Delay: 50 * time.Millisecond, BytesPerSecond: 1 << 20})
	began := time.Now()
	say(t, conn, "slow")
	require.GreaterOrEqual(t, time.Since(began), 100*time.Millisecond, "both directions")
}
