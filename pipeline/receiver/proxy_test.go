package receiver

import (
	"net"
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"integr8/pipeline/connection"
)

// visitBy is a visit over a connection from that address.
func visitBy(remote, header string, lines []string) *visit {
	var from net.Addr = &net.UnixAddr{Name: remote}
	if address, err := netip.ParseAddrPort(remote); err == nil {
		from = net.TCPAddrFromAddrPort(address)
	}
	v := &visit{client: connection.AddressOf(from), header: &fasthttp.RequestHeader{}}
	for _, line := range lines {
		v.header.Add(header, line)
	}
	return v
}

func TestTheClientIsTheLastAddressThatNoTrustedProxyVouchesFor(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no proxy":                   {"198.51.100.7:1234", nil, "198.51.100.7"},
		"a stranger's header":        {"198.51.100.7:1234", []string{"203.0.113.1"}, "198.51.100.7"},
		"one proxy":                  {"10.0.0.1:1234", []string{"198.51.100.7"}, "198.51.100.7"},
		"a client that lies":         {"10.0.0.1:1234", []string{"203.0.113.1, 198.51.100.7"}, "198.51.100.7"},
		"two proxies":                {"10.0.0.1:1234", []string{"203.0.113.1, 198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		"two lines":                  {"10.0.0.1:1234", []string{"203.0.113.1", "198.51.100.7", "10.0.0.2"}, "198.51.100.7"},
		"only proxies":               {"10.0.0.1:1234", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"no header":                  {"10.0.0.1:1234", nil, "10.0.0.1"},
		"an empty header":            {"10.0.0.1:1234", []string{""}, "10.0.0.1"},
		"nonsense":                   {"10.0.0.1:1234", []string{"203.0.113.1, unknown"}, "10.0.0.1"},
		"nonsense before the client": {"10.0.0.1:1234", []string{"unknown, 198.51.100.7"}, "198.51.100.7"},
		"with a port":                {"10.0.0.1:1234", []string{"198.51.100.7:5678"}, "198.51.100.7"},
		"IPv6":                       {"[fd00::1]:1234", []string{"2001:db8::7"}, "2001:db8::7"},
		"IPv6 in brackets":           {"[fd00::1]:1234", []string{"[2001:db8::7]"}, "2001:db8::7"},
		"IPv6 with a port":           {"[fd00::1]:1234", []string{"[2001:db8::7]:5678"}, "2001:db8::7"},
		"IPv6 with a zone":           {"[fe80::1%eth0]:1234", nil, "fe80::1"},
		"a proxy mapped to IPv6":     {"[::ffff:10.0.0.1]:1234", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		"a Unix socket":              {"@", []string{"198.51.100.7"}, "invalid IP"},
	} {
		v := visitBy(c.remote, "X-Forwarded-For", c.forwarded)
		require.Equal(t, c.want, originOf(v, trusted).clientIP.String(), name)
	}
}

func TestTheHostIsForwardedByTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no proxy":            {"198.51.100.7:1", nil, "Own.Example:80"},
		"a stranger's header": {"198.51.100.7:1", []string{"evil.example"}, "Own.Example:80"},
		"a proxy":             {"10.0.0.1:1", []string{"Track.Brand.Example"}, "Track.Brand.Example"},
		"appended":            {"10.0.0.1:1", []string{"evil.example, Track.Brand.Example"}, "Track.Brand.Example"},
		"appended as a line":  {"10.0.0.1:1", []string{"evil.example", "Track.Brand.Example"}, "Track.Brand.Example"},
		"empty":               {"10.0.0.1:1", []string{" "}, "Own.Example:80"},
	} {
		v := visitBy(c.remote, "X-Forwarded-Host", c.forwarded)
		v.host = "Own.Example:80"
		require.Equal(t, c.want, originOf(v, trusted).host, name)
	}
}

func TestHostNames(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"a.example": "a.example", "A.Example:80": "a.example", "a.example.": "a.example", "a.example.:80": "a.example",
		"[::1]:80": "::1", "[::1]": "::1", "": "", ":80": "",
	} {
		require.Equal(t, want, hostName(host))
	}
}

func TestAPixelBehindAProxyFindsItsDomain(t *testing.T) {
	t.Parallel()
	d := open(t)
	r := d.get("/pixel?secure="+d.token+"&transaction_id="+d.id().String(), "Host", "internal:8080", "X-Forwarded-Host", pixelHost)
	require.Equal(t, http.StatusOK, r.status)
	d = open(t, func(o *Options) { o.TrustedProxies = nil })
	r = d.get("/pixel?secure="+d.token+"&transaction_id="+d.id().String(), "Host", "internal:8080", "X-Forwarded-Host", pixelHost)
	require.Equal(t, http.StatusNotFound, r.status)
}
