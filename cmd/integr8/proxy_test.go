package main

import (
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxyState is what a proxy does to the connections through it.
type proxyState int

// The states. What was sent while a proxy hangs arrives when it hangs no more.
const (
	refusing proxyState = iota
	passing
	hanging
)

// proxy stands before a server.
type proxy struct {
	target   string
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	changed *sync.Cond
	state   proxyState
	open    map[net.Conn]bool
}

// newProxy makes a proxy that refuses every connection for now.
func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{target: target, open: map[net.Conn]bool{}}
	p.changed = sync.NewCond(&p.mu)
	var err error
	p.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = p.listener.Close() // the test is over
		p.become(refusing)
		p.running.Wait()
	})
	return p
}

// become changes the state, of the connections that are open as well.
func (p *proxy) become(state proxyState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
	p.changed.Broadcast()
	for conn := range p.open {
		if state == refusing {
			_ = conn.Close() // it is cut, whatever it says
		}
	}
}

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = near.Close()
			continue
		}
		p.mu.Lock()
		p.open[near], p.open[far] = true, true
		state := p.state
		p.mu.Unlock()
		if state == refusing {
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
		for p.state == hanging {
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
