package receiver

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// good is a request that is accepted.
func (d *doors) good() string {
	return fmt.Sprintf("GET /?secure=%s&transaction_id=%s HTTP/1.1\r\nHost: h.example\r\n\r\n", d.token, d.id())
}

func (d *doors) ask(conn net.Conn, request string) reply {
	d.t.Helper()
	_, err := io.WriteString(conn, request)
	require.NoError(d.t, err)
	require.NoError(d.t, conn.SetReadDeadline(time.Now().Add(testTimeout)))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(d.t, err)
	return readReply(d.t, response)
}

func TestIdleConnectionsMakeRoomSoThatANewOneIsServed(t *testing.T) {
	t.Parallel()
	const most = 10
	d := open(t, func(o *Options) { o.MaxConnections = most })
	for range 5 * most {
		d.ask(d.dial(), d.good()).accepted(t) // the connection stays open
		require.LessOrEqual(t, d.receiver.Connections().Open, most)
	}
	require.Len(t, d.queue.taken(), 5*most)
	require.Empty(t, d.log.String())
}

func TestConnectionsThatNeverAskMakeRoomToo(t *testing.T) {
	t.Parallel()
	d := open(t, func(o *Options) { o.MaxConnections = 10 })
	for range 50 {
		d.dial()
	}
	d.ask(d.dial(), d.good()).accepted(t)
}

func TestWhereAllConnectionsAreBusyANewOneIsRefusedAndTheOthersAreServed(t *testing.T) {
	t.Parallel()
	hold, arrived, release := held()
	d := open(t, hold, func(o *Options) { o.MaxConnections = 3 })
	defer release()
	busy := make([]net.Conn, 3)
	for i := range busy {
		busy[i] = d.dial()
		_, err := io.WriteString(busy[i], d.good())
		require.NoError(t, err)
		<-arrived
	}
	said, err := io.ReadAll(d.dial())
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(said), "HTTP/1.1 503 "), "%s", said)
	require.Contains(t, string(said), "\r\nRetry-After: 1\r\n")
	require.Contains(t, string(said), "\r\nConnection: close\r\n")
	release()
	for _, conn := range busy {
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		readReply(t, response).accepted(t)
	}
	require.Contains(t, d.log.String(), "INTEGR8_MAX_CONNECTIONS")
	require.Contains(t, d.observed(), Observation{Result: Overloaded, Status: 503})
}

func TestOneAddressHasABoundOfConnectionsAndATrustedProxyHasNone(t *testing.T) {
	t.Parallel()
	proxied := open(t, func(o *Options) { o.MaxConnectionsPerSender = 2 })
	for range 5 {
		proxied.ask(proxied.dial(), proxied.good()).accepted(t)
	}
	d := open(t, func(o *Options) { o.MaxConnectionsPerSender, o.TrustedProxies = 2, nil })
	first, second := d.dial(), d.dial()
	d.ask(first, d.good()).accepted(t)
	d.ask(second, d.good()).accepted(t)
	said, err := io.ReadAll(d.dial())
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(said), "HTTP/1.1 429 "), "%s", said)
	d.ask(first, d.good()).accepted(t)
	require.NoError(t, second.Close())
	require.Eventually(t, func() bool { return d.receiver.Connections().Open == 1 }, testTimeout, poll)
	d.ask(d.dial(), d.good()).accepted(t)
	require.Contains(t, d.observed(), Observation{Result: TooMany, Status: 429})
}

func TestUnfinishedRequestsWeighNoMoreThanTheirBoundAndWholeOnesAreServed(t *testing.T) {
	t.Parallel()
	bound := 16 * (8<<10 + maxHeaderBytes + 64<<10)
	d := open(t, func(o *Options) { o.MaxBytesUnderWay = bound })
	body := "secure=" + d.token + "&transaction_id=" + d.id().String()
	whole := fmt.Sprintf("POST / HTTP/1.1\r\nHost: h.example\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", formType, len(body), body)
	var slow []net.Conn
	for i, begun := range []string{
		"POST / HTTP/1.1\r\nHost: h.example\r\nContent-Length: 65536\r\n\r\nx", "POST / HTTP/1.1\r\nHost: h.example\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx",
		"GET /?secure=", "G",
	} {
		for range 50 {
			conn := d.dial()
			_, err := io.WriteString(conn, begun)
			require.NoError(t, err)
			slow = append(slow, conn)
		}
		for range 5 {
			d.ask(d.dial(), whole).accepted(t)
			d.ask(d.dial(), d.good()).accepted(t)
		}
		require.Eventually(t, func() bool { // one that just begun to arrive is in the sum before another is given up
			return d.receiver.Connections().Bytes <= int64(bound)
		}, testTimeout, poll, i)
	}
	require.Len(t, d.queue.taken(), 40)
	said, err := io.ReadAll(slow[0])
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(said), "HTTP/1.1 503 "), "%s", said)
	require.Contains(t, string(said), "\r\nRetry-After: 1\r\n")
	require.Contains(t, string(said), "\r\nConnection: close\r\n")
}

func TestBodiesThatAreBeingHandledWeighNoMoreThanTheirBound(t *testing.T) {
	t.Parallel()
	hold, arrived, release := held()
	bound := 16 * (8<<10 + maxHeaderBytes + 64<<10)
	d := open(t, hold, func(o *Options) { o.MaxBytesUnderWay = bound })
	defer release()
	body := "secure=" + d.token + "&transaction_id=" + d.id().String()
	for i := range 150 {
		body += fmt.Sprintf("&a%d=%s", i, strings.Repeat("x", 400))
	}
	whole := fmt.Sprintf("POST / HTTP/1.1\r\nHost: h.example\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", formType, len(body), body)
	handled := bound / len(body)
	for range handled {
		_, err := io.WriteString(d.dial(), whole)
		require.NoError(t, err)
		<-arrived
	}
	r := d.ask(d.dial(), whole)
	require.Equal(t, http.StatusServiceUnavailable, r.status)
	require.Equal(t, "1", r.header.Get("Retry-After"))
	require.Eventually(t, func() bool { // the refused one is in the sum until its connection is closed
		return d.receiver.Connections().Bytes <= int64(bound)
	}, testTimeout, poll)
	release()
	require.Eventually(t, func() bool { return d.receiver.Connections().Bytes == 0 }, testTimeout, poll)
	d.ask(d.dial(), whole).accepted(t)
}

func TestASenderThatExceedsABoundDoesNotKeepItsConnection(t *testing.T) {
	t.Parallel()
	d := open(t, func(o *Options) { o.MaxPerSender = 1 })
	at := func(address string) []string { return []string{"X-Forwarded-For", address} }
	r := d.get("/?a="+strings.Repeat("x", 9<<10), at("203.0.113.1")...)
	require.Equal(t, http.StatusRequestURITooLong, r.status)
	require.True(t, r.closes)
	d.get("/nope", at("203.0.113.2")...)
	r = d.get("/nope", at("203.0.113.2")...)
	require.Equal(t, http.StatusTooManyRequests, r.status)
	require.True(t, r.closes)
	r = d.send(http.MethodPost, "/", strings.Repeat("x", 65<<10), at("203.0.113.3")...)
	require.Equal(t, http.StatusRequestEntityTooLarge, r.status)
	require.True(t, r.closes)
}

// A sender that sends requests and never reads keeps the goroutine that serves it.
func TestSendersThatDoNotReadTheirAnswersHoldNoPlace(t *testing.T) {
	t.Parallel()
	d := open(t, func(o *Options) { o.MaxConnections = 3 })
	row := strings.Repeat("GET /nope HTTP/1.1\r\nHost: h.example\r\n\r\n", 100)
	stuck := make(chan struct{}, 3)
	for range 3 {
		conn := d.dial()
		require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
		go func() {
			// When a write takes so long, the server reads nothing, because it cannot write a response.
			for err := error(nil); err == nil; _, err = io.WriteString(conn, row) {
				_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
			}
			stuck <- struct{}{}
		}()
	}
	for range 3 {
		<-stuck
	}
	require.Eventually(t, func() bool {
		conn := d.dial()
		_, err := io.WriteString(conn, d.good())
		if err != nil {
			return false // refused
		}
		said := make([]byte, len("HTTP/1.1 200"))
		_, err = io.ReadFull(conn, said)
		return err == nil && string(said) == "HTTP/1.1 200"
	}, testTimeout, 10*poll)
}
