package monitor_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/monitor"
)

func serve(t *testing.T, handler http.Handler) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := monitor.NewServer("", handler)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	return listener.Addr().String()
}

func dial(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	return conn
}

func TestProbesAreServedWhateverIsOpenAtTheAdminAddress(t *testing.T) {
	address := serve(t, monitor.NewMetrics().Handler(nil))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	for name, begun := range map[string]string{
		"idle":              "",
		"unfinished header": "GET /healthz HTTP/1.1\r\nHost: h",
		"unfinished body":   "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nx",
	} {
		for range 3 * monitor.MaxConnections {
			dial(t, address, begun)
		}
		for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
			response, err := client.Get("http://" + address + path)
			require.NoError(t, err, name)
			require.NoError(t, response.Body.Close())
			require.Equal(t, http.StatusOK, response.StatusCode, name)
		}
	}
}

func TestTheAdminAddressRefusesLargeHeadersAndBodies(t *testing.T) {
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}))
	for status, request := range map[string]string{
		"431": "GET /healthz HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n",
		"413": "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 8192\r\n\r\n" + strings.Repeat("x", 8<<10),
	} {
		conn := dial(t, address, "")
		go func() { _, _ = io.WriteString(conn, request) }() // the server may stop reading
		said := make([]byte, len("HTTP/1.1 431"))
		_, err := io.ReadFull(conn, said)
		require.NoError(t, err)
		require.Equal(t, "HTTP/1.1 "+status, string(said))
	}
}

// When Postgres hangs, /readyz takes seconds: many requests for it do not prevent
// /healthz from being served.
func TestTheProcessIsHealthyWhateverIsAskedOfAServerThatHangs(t *testing.T) {
	hangs := func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
	address := serve(t, monitor.NewMetrics().Handler(map[string]monitor.Check{"postgres": hangs}))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	for range 3 {
		for range monitor.MaxConnections {
			dial(t, address, "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n")
		}
		response, err := client.Get("http://" + address + "/healthz")
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode)
	}
}
