package receiver

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSendersThatDripTheirHeadersAreCutOffAndHoldNoPlace opens many more
// connections that never finish their headers than there are places.
func TestSendersThatDripTheirHeadersAreCutOffAndHoldNoPlace(t *testing.T) {
	t.Parallel()
	d := openWith(t, func(s *Server) { s.http.ReadTimeout = 500 * time.Millisecond },
		func(o *Options) { o.MaxConcurrent = 2 })
	cut := make(chan error, 100)
	for range cap(cut) {
		conn := d.dial()
		_, err := io.WriteString(conn, "GET /?secure="+d.token+" HTTP/1.1\r\nHost: h.example\r\nX-")
		require.NoError(t, err)
		go func() { // one byte now and then, until the server closes the connection
			for drip := time.NewTicker(20 * time.Millisecond); ; <-drip.C {
				if _, err := io.WriteString(conn, "x"); err != nil {
					_, err = io.Copy(io.Discard, conn)
					cut <- err
					return
				}
			}
		}()
	}
	good := "/?secure=" + d.token + "&transaction_id=" + d.id().String()
	for range 5 {
		d.get(good).accepted(t)
	}
	for range cap(cut) {
		<-cut
	}
	d.get(good).accepted(t)
	require.Len(t, d.queue.taken(), 6)
}

func TestALongRowOfRequestsOnOneConnectionIsAnsweredWhole(t *testing.T) {
	t.Parallel()
	const requests = 500
	d := open(t)
	var row strings.Builder
	for range requests {
		fmt.Fprintf(&row, "GET /?secure=%s&transaction_id=%s HTTP/1.1\r\nHost: h.example\r\n\r\n", d.token, d.id())
	}
	for _, r := range d.raw(row.String(), requests) {
		r.accepted(t)
	}
	require.Len(t, d.queue.taken(), requests)
}

func TestEveryConnectionHasItsBounds(t *testing.T) {
	t.Parallel()
	d := open(t)
	server := d.server.http
	for name, bound := range map[string]time.Duration{
		"header": server.ReadTimeout, "body": d.server.bodyTimeout, "answer": server.WriteTimeout, "idle": server.IdleTimeout,
	} {
		require.NotZero(t, bound, name)
	}
	require.NotZero(t, server.ReadBufferSize)
	require.NotZero(t, server.MaxRequestBodySize)
}
