package console

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/users"
)

func TestAnActLeadsBackToNoOtherSite(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"/%2fevil.example/x", "/%5cevil.example", "/%2F%2Fevil.example", "//evil.example", "https://evil.example/"} {
		to := back(page, "replay", "")
		require.False(t, strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`), "%s leads to %s", page, to)
		require.True(t, strings.HasPrefix(to, "/"), to)
	}
	require.Equal(t, "/dead?done=replay&reason=offer_paused", back("/dead?reason=offer_paused", "replay", ""))
}

func TestATextThatNoDatabaseHoldsIsTheFaultOfItsSender(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{Role: users.Viewer})
	for _, code := range []pqerror.Code{"22021", "22P05"} {
		status, shown := c.failureOf(t.Context(), "/hits", fmt.Errorf("read hits: %w", &pq.Error{Code: code}))
		require.Equal(t, http.StatusBadRequest, status)
		require.Contains(t, shown.What, "NUL")
	}
}

func TestANetworkIsOneAsDeadLettersKeepIt(t *testing.T) {
	t.Parallel()
	for network, right := range map[string]bool{"192.0.2.0/24": true, "2001:db8:7::/48": true, "192.0.2.1/24": false, "192.0.0.0/16": false, "2001:db8::/32": false} {
		v := &visit{r: httptest.NewRequest(http.MethodGet, "/dead?network="+network, nil)}
		_, err := deadFilter(v)
		require.Equal(t, right, err == nil, network)
	}
}

// TestSlowSendersTakeNoPageFromOthers: who is not logged in has no part in how many
// requests are worked on.
func TestSlowSendersTakeNoPageFromOthers(t *testing.T) {
	t.Parallel()
	c := newConsole(t, users.User{Role: users.Viewer})
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	var slow []net.Conn
	t.Cleanup(func() {
		for _, conn := range slow {
			_ = conn.Close()
		}
	})
	for range 2 * mostRequests {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		slow = append(slow, conn)
		_, err = fmt.Fprintf(conn, "POST /login HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname=", server.Listener.Addr())
		require.NoError(t, err)
	}
	require.Never(t, func() bool {
		answer, err := http.Get(server.URL + "/login")
		if err != nil {
			return true
		}
		defer answer.Body.Close()
		return answer.StatusCode != http.StatusOK
	}, time.Second, 50*time.Millisecond)
}
