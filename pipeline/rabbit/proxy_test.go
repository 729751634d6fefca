package rabbit_test

import (
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// proxy stands between a test and the real broker, to cut, to hang, and to
// speak for a broker that is short of memory, which a test cannot make it.
type proxy struct {
	listener net.Listener
	broker   string
	url      string
	running  sync.WaitGroup

	mu      sync.Mutex
	changed *sync.Cond
	hung    bool
	away    bool
	pairs   map[*pair]bool
}

// pair is one connection through the proxy.
type pair struct {
	client, broker net.Conn
	mu             sync.Mutex // held while a frame is written to the client
}

func newProxy(t testing.TB) *proxy {
	t.Helper()
	uri, err := amqp.ParseURI(brokerURL(t))
	require.NoError(t, err)
	p := &proxy{broker: net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port)), pairs: map[*pair]bool{}}
	p.changed = sync.NewCond(&p.mu)
	p.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	uri.Host, uri.Port = "127.0.0.1", p.listener.Addr().(*net.TCPAddr).Port
	p.url = uri.String()
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = p.listener.Close()
		p.set(func() { p.hung = false })
		p.cut()
		p.running.Wait()
	})
	return p
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		away := p.away
		p.mu.Unlock()
		if away {
			_ = client.Close()
			continue
		}
		broker, err := net.Dial("tcp", p.broker)
		if err != nil {
			_ = client.Close()
			continue
		}
		c := &pair{client: client, broker: broker}
		p.set(func() { p.pairs[c] = true })
		p.running.Go(func() { p.toBroker(c) })
		p.running.Go(func() { p.toClient(c) })
	}
}

func (p *proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.changed.Broadcast()
}

// pass waits while the proxy hangs.
func (p *proxy) pass() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.hung {
		p.changed.Wait()
	}
}

func (p *proxy) drop(c *pair) {
	_ = c.client.Close()
	_ = c.broker.Close()
	p.set(func() { delete(p.pairs, c) })
}

func (p *proxy) toBroker(c *pair) {
	defer p.drop(c)
	buffer := make([]byte, 32<<10)
	for {
		n, err := c.client.Read(buffer)
		if err != nil {
			return
		}
		p.pass()
		if _, err := c.broker.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// toClient passes whole frames on, so that others fit in between.
func (p *proxy) toClient(c *pair) {
	defer p.drop(c)
	for {
		header := make([]byte, 7)
		if _, err := io.ReadFull(c.broker, header); err != nil {
			return
		}
		frame := make([]byte, 7+int(binary.BigEndian.Uint32(header[3:]))+1)
		copy(frame, header)
		if _, err := io.ReadFull(c.broker, frame[7:]); err != nil {
			return
		}
		p.pass()
		if c.send(frame) != nil {
			return
		}
	}
}

func (c *pair) send(frame []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.client.Write(frame)
	return err
}

// cut drops every connection without a word.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		_ = c.client.Close()
		_ = c.broker.Close()
	}
}

// leave makes the broker unreachable, comeBack reachable again.
func (p *proxy) leave() {
	p.set(func() { p.away = true })
	p.cut()
}

func (p *proxy) comeBack() { p.set(func() { p.away = false }) }

// hang lets no byte through, in either direction, until resume.
func (p *proxy) hang() { p.set(func() { p.hung = true }) }

func (p *proxy) resume() { p.set(func() { p.hung = false }) }

// block tells every client that the broker takes no messages, unblock that it
// does again: the methods 60 and 61 of class connection.
func (p *proxy) block(t testing.TB, reason string) {
	p.tell(t, append([]byte{0, 10, 0, 60, byte(len(reason))}, reason...))
}

func (p *proxy) unblock(t testing.TB) { p.tell(t, []byte{0, 10, 0, 61}) }

func (p *proxy) tell(t testing.TB, method []byte) {
	t.Helper()
	frame := binary.BigEndian.AppendUint32([]byte{1, 0, 0}, uint32(len(method)))
	frame = append(append(frame, method...), 0xCE)
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		require.NoError(t, c.send(frame))
	}
}
