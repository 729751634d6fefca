package receiver

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAConnectionOnWhichNothingIsAskedIsClosedWithoutAWord(t *testing.T) {
	t.Parallel()
	d := openWith(t, func(s *Server) { s.http.ReadTimeout, s.http.IdleTimeout = 50*time.Millisecond, 50*time.Millisecond })
	said, err := io.ReadAll(d.dial())
	require.NoError(t, err)
	require.Empty(t, said)
	require.Empty(t, d.observed())
}

func TestAConnectionThatIsBrokenOffUnusedIsNoRequest(t *testing.T) {
	t.Parallel()
	d := open(t)
	conn := d.dial()
	connections := func(n int32) func() bool {
		return func() bool { return d.server.http.GetOpenConnectionsCount() == n }
	}
	require.Eventually(t, connections(1), testTimeout, poll)
	require.NoError(t, conn.(*net.TCPConn).SetLinger(0)) // close resets it
	require.NoError(t, conn.Close())
	require.Eventually(t, connections(0), testTimeout, poll)
	require.Empty(t, d.observed())
}

func TestAConnectionThatIsIdleAfterAnAnswerIsClosedWithoutAWord(t *testing.T) {
	t.Parallel()
	d := openWith(t, func(s *Server) { s.http.IdleTimeout = 50 * time.Millisecond })
	conn := d.dial()
	_, err := io.WriteString(conn, "GET /nope HTTP/1.1\r\nHost: h.example\r\n\r\n")
	require.NoError(t, err)
	said, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(said), "HTTP/1.1 "), "%s", said)
}

func TestAHeaderThatDoesNotArriveInTimeIsToldSo(t *testing.T) {
	t.Parallel()
	// On a busy machine it takes some time until what is written has arrived.
	d := openWith(t, func(s *Server) { s.http.ReadTimeout = time.Second })
	for _, begun := range []string{"G", "GET /?secure=" + d.token, "GET / HTTP/1.1\r\nHost: h.exam"} {
		conn := d.dial()
		_, err := io.WriteString(conn, begun)
		require.NoError(t, err)
		said, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(said), "HTTP/1.1 408 "), "%s: %.80s", begun, said)
	}
}

// Bytes that are not a request arrive in the same packet as a request.
func TestNonsenseBehindARequestIsRefusedAndTheRequestIsNot(t *testing.T) {
	t.Parallel()
	d := open(t)
	replies := d.raw("GET /?secure="+d.token+"&transaction_id="+d.id().String()+" HTTP/1.1\r\nHost: h.example\r\n\r\nnonsense\r\n\r\n", 2)
	replies[0].accepted(t)
	require.Equal(t, 400, replies[1].status)
	require.True(t, replies[1].closes)
}

// A socket that is closed with unread bytes is reset, and then the client may lose the
// response.
func TestASenderOfTooMuchGetsItsAnswerAlthoughItGoesOnSending(t *testing.T) {
	t.Parallel()
	d := open(t)
	for status, request := range map[string]string{
		"414": "GET /?a=" + strings.Repeat("x", 200<<10) + " HTTP/1.1\r\nHost: h.example\r\n\r\n",
		"431": "GET /?a=1 HTTP/1.1\r\nHost: h.example\r\nX: " + strings.Repeat("x", 200<<10) + "\r\n\r\n",
		"413": "POST / HTTP/1.1\r\nHost: h.example\r\nContent-Length: 200000\r\n\r\n" + strings.Repeat("x", 200_000),
		"400": "POST / HTTP/1.1\r\nHost: h.example\r\nTransfer-Encoding: nonsense\r\n\r\n" + strings.Repeat("x", 200_000),
	} {
		conn := d.dial()
		_, err := io.WriteString(conn, request)
		require.NoError(t, err, status)
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		said, err := io.ReadAll(conn)
		require.NoError(t, err, status)
		require.True(t, strings.HasPrefix(string(said), "HTTP/1.1 "+status+" "), "%s: %.80s", status, said)
		require.Contains(t, string(said), "no-store", status)
	}
	require.Empty(t, d.queue.taken())
}

func TestWhatCannotBeReadIsObservedAndNeverLogged(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, request := range []string{
		"GET /?secure=" + d.token + " HTTP/9\r\nHost: h.example\r\n\r\n",
		"GET /?secure=" + d.token + " HTTP/1.1\r\nHost: h.example\r\nX-\x01: " + d.token + "\r\n\r\n",
		"GET /?secure=" + d.token + " HTTP/1.1\r\nHost: h.example\r\nX: " + d.token + "\x00\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h.example\r\nContent-Length: " + d.token + "\r\n\r\n",
		d.token + "\x01 / HTTP/1.1\r\nHost: h.example\r\n\r\n",
		"GET /%zz" + d.token + " HTTP/1.1\r\nHost: h.example\r\n\r\n",
	} {
		r := d.raw(request, 1)[0]
		require.Equal(t, 400, r.status, "%q", request)
		r.oneLine(t)
		require.NotContains(t, r.body, d.token)
	}
	require.Empty(t, d.log.String())
	require.Eventually(t, func() bool { return len(d.observed()) == 6 }, testTimeout, poll)
	for _, o := range d.observed() {
		require.Equal(t, Unacceptable, o.Result)
		require.Equal(t, 400, o.Status)
	}
}
