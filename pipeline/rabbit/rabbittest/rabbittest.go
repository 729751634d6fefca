// Package rabbittest connects tests to the real broker: it declares queues for one
// test, and runs a proxy that cuts the connection, hangs, and sends connection.blocked.
package rabbittest

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/networktest"
	"integr8/pipeline/rabbit"
)

// URL returns the address of the broker. It fails the test where AMQP_URL is
// not set.
func URL(t testing.TB) string {
	t.Helper()
	url := os.Getenv("AMQP_URL")
	require.NotEmpty(t, url, "these tests need a real RabbitMQ: run `make test`, or set AMQP_URL")
	return url
}

// Topology returns a topology with a prefix for this test. Its queues and exchanges are
// deleted when the test ends.
func Topology(t testing.TB, topology rabbit.Topology) rabbit.Topology {
	t.Helper()
	topology.Prefix = "test-" + strings.ToLower(rand.Text()[:12]) + "."
	url := URL(t)
	t.Cleanup(func() { require.NoError(t, topology.Delete(context.Background(), url)) })
	return topology
}

// Declare declares a topology with a prefix for this test, until the test ends.
func Declare(t testing.TB, topology rabbit.Topology) rabbit.Topology {
	t.Helper()
	topology = Topology(t, topology)
	require.NoError(t, topology.Declare(t.Context(), URL(t)))
	return topology
}

// Proxy stands between a test and the broker.
type Proxy struct {
	*networktest.Proxy
	// URL leads to the broker through the proxy.
	URL string
}

// NewProxy starts a proxy, which ends with the test.
func NewProxy(t testing.TB) *Proxy {
	t.Helper()
	uri, err := amqp.ParseURI(URL(t))
	require.NoError(t, err)
	proxy, err := networktest.NewReading(net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port)), readFrame)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	host, port, err := net.SplitHostPort(proxy.Addr())
	require.NoError(t, err)
	uri.Host = host
	uri.Port, err = strconv.Atoi(port)
	require.NoError(t, err)
	return &Proxy{proxy, uri.String()}
}

// readFrame reads one AMQP frame: a type, a channel, the size of the payload,
// the payload, and one byte at the end.
func readFrame(from io.Reader) ([]byte, error) {
	const head, end = 7, 1
	header := make([]byte, head)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	frame := make([]byte, head+int(binary.BigEndian.Uint32(header[3:]))+end)
	copy(frame, header)
	_, err := io.ReadFull(from, frame[head:])
	return frame, err
}

// Block sends connection.blocked to every client (class 10, method 60), as a broker that
// is short of memory does.
func (p *Proxy) Block(t testing.TB, reason string) {
	t.Helper()
	p.method(t, append([]byte{0, 10, 0, 60, byte(len(reason))}, reason...))
}

// Unblock sends connection.unblocked (class 10, method 61).
func (p *Proxy) Unblock(t testing.TB) {
	t.Helper()
	p.method(t, []byte{0, 10, 0, 61})
}

func (p *Proxy) method(t testing.TB, method []byte) {
	t.Helper()
	frame := binary.BigEndian.AppendUint32([]byte{1, 0, 0}, uint32(len(method)))
	require.NoError(t, p.Inject(append(append(frame, method...), 0xCE)))
}
