package spool_test

import (
	"net"
	"os"
	"strconv"
	"sync"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// brokerURL names the broker that the tests use.
func brokerURL(t testing.TB) string {
	t.Helper()
	url := os.Getenv("AMQP_URL")
	require.NotEmpty(t, url, "these tests need a real RabbitMQ: run `make test`, or set AMQP_URL")
	return url
}

// proxy stands before the real broker, which is out of reach until the proxy
// is switched on, and hangs while it is held.
type proxy struct {
	url, broker string
	listener    net.Listener
	running     sync.WaitGroup

	mu      sync.Mutex
	changed *sync.Cond
	on      bool
	held    bool
	open    map[net.Conn]bool
}

func newProxy(t testing.TB) *proxy {
	t.Helper()
	uri, err := amqp.ParseURI(brokerURL(t))
	require.NoError(t, err)
	p := &proxy{broker: net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port)), open: map[net.Conn]bool{}}
	p.changed = sync.NewCond(&p.mu)
	p.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	uri.Host, uri.Port = "127.0.0.1", p.listener.Addr().(*net.TCPAddr).Port
	p.url = uri.String()
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = p.listener.Close() // the test is over
		p.hold(false)
		p.switchTo(false)
		p.running.Wait()
	})
	return p
}

// switchTo lets connections through, or ends all and lets none.
func (p *proxy) switchTo(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on = on
	for conn := range p.open {
		if !on {
			_ = conn.Close() // it is cut, whatever it says
		}
	}
}

// hold lets no byte pass, in either direction, while connections stay open.
func (p *proxy) hold(held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
	p.changed.Broadcast()
}

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.broker)
		if err != nil {
			_ = near.Close()
			continue
		}
		p.mu.Lock()
		p.open[near], p.open[far] = true, true
		on := p.on
		p.mu.Unlock()
		if !on {
			p.drop(near, far)
			continue
		}
		p.running.Go(func() { p.copy(near, far) })
		p.running.Go(func() { p.copy(far, near) })
	}
}

func (p *proxy) copy(to, from net.Conn) {
	defer p.drop(to, from)
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		for p.held {
			p.changed.Wait()
		}
		p.mu.Unlock()
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

func (p *proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close() // it may be closed already
		delete(p.open, conn)
	}
}
