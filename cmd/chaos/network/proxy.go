// Package network is the bad network of the drills: TCP proxies that hang,
// reset and slow down what passes through them.
package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Condition is what a network does to the connections that pass.
type Condition struct {
	// Hang swallows nothing and delivers nothing: connections stay open and
	// silent, new ones are taken and stay silent too. What was sent arrives
	// once the condition is over, as TCP would have it.
	Hang bool
	// Refuse resets connections, the new ones too.
	Refuse bool
	// Delay is added to each direction.
	Delay time.Duration
	// BytesPerSecond bounds each direction of each connection; 0 does not.
	BytesPerSecond int
}

// Proxy passes on TCP connections to one address, under a Condition that can
// change at any time.
type Proxy struct {
	target   string
	listener net.Listener
	running  sync.WaitGroup
	ctx      context.Context
	cancel   context.CancelFunc

	mu        sync.Mutex
	condition Condition
	changed   chan struct{} // closed and replaced when condition changes
	passing   map[*pair]struct{}
}

// New starts a proxy to the target on a free port.
func New(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for a proxy: %w", err)
	}
	p := &Proxy{target: target, listener: listener, changed: make(chan struct{}), passing: map[*pair]struct{}{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.running.Go(p.accept)
	return p, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set changes the condition, for connections that are open as well.
func (p *Proxy) Set(condition Condition) {
	p.mu.Lock()
	p.condition = condition
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
	if condition.Refuse {
		p.Break()
	}
}

// Break resets every connection that is open.
func (p *Proxy) Break() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pair := range p.passing {
		pair.reset()
	}
}

// Open returns how many connections pass right now.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.passing)
}

// Close ends the proxy and everything that passes through it.
func (p *Proxy) Close() error {
	p.cancel()
	err := p.listener.Close()
	p.Break()
	p.running.Wait()
	if err != nil {
		return fmt.Errorf("close a proxy: %w", err)
	}
	return nil
}

func (p *Proxy) state() (Condition, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.condition, p.changed
}

// passable waits while connections hang; false when the proxy closes.
func (p *Proxy) passable() (Condition, bool) {
	for {
		condition, changed := p.state()
		if !condition.Hang {
			return condition, p.ctx.Err() == nil
		}
		select {
		case <-changed:
		case <-p.ctx.Done():
			return condition, false
		}
	}
}

func (p *Proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // a connection that was gone before it was taken
		}
		if condition, _ := p.state(); condition.Refuse {
			hardClose(near)
			continue
		}
		pair := &pair{proxy: p, near: near}
		p.mu.Lock()
		p.passing[pair] = struct{}{}
		p.mu.Unlock()
		p.running.Go(pair.pass)
	}
}

// pair is one connection with its other half.
type pair struct {
	proxy *Proxy
	near  net.Conn

	mu    sync.Mutex
	far   net.Conn
	ended bool
}

func (c *pair) pass() {
	defer func() {
		c.proxy.mu.Lock()
		delete(c.proxy.passing, c)
		c.proxy.mu.Unlock()
	}()
	if _, ok := c.proxy.passable(); !ok {
		c.reset()
		return
	}
	far, err := new(net.Dialer).DialContext(c.proxy.ctx, "tcp", c.proxy.target)
	if err != nil {
		c.reset()
		return
	}
	c.mu.Lock()
	c.far = far
	ended := c.ended
	c.mu.Unlock()
	if ended {
		hardClose(far)
		return
	}
	var directions sync.WaitGroup
	directions.Go(func() { c.copy(far, c.near) })
	directions.Go(func() { c.copy(c.near, far) })
	directions.Wait()
	c.reset()
}

// reset ends both halves without a goodbye.
func (c *pair) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	hardClose(c.near)
	if c.far != nil {
		hardClose(c.far)
	}
}

// hardClose makes the kernel send a reset rather than an end.
func hardClose(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a connection that is gone needs none
	}
	_ = conn.Close()
}

// chunk is what was read in one go, and when it is due on the other side.
type chunk struct {
	data []byte
	due  time.Time
}

// chunksAtOnce bounds what a direction holds back, as a socket's buffers do.
const chunksAtOnce = 64

// copy passes on one direction until it ends. A half that ends in good order
// lets the other go on.
func (c *pair) copy(to, from net.Conn) {
	chunks := make(chan chunk, chunksAtOnce)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(chunks)
		for {
			buffer := make([]byte, 16<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				condition, _ := c.proxy.state()
				chunks <- chunk{buffer[:n], time.Now().Add(condition.Delay)}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					c.reset()
				}
				return
			}
		}
	})
	defer reading.Wait()
	for next := range chunks {
		if !c.deliver(to, next) {
			c.reset() // ends the reading as well
			for range chunks {
				continue
			}
			return
		}
	}
	if tcp, ok := to.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // fails where it is closed already
	}
}

func (c *pair) deliver(to net.Conn, next chunk) bool {
	if !c.proxy.pause(time.Until(next.due)) {
		return false
	}
	condition, ok := c.proxy.passable()
	if !ok {
		return false
	}
	if _, err := to.Write(next.data); err != nil {
		return false
	}
	if condition.BytesPerSecond > 0 {
		return c.proxy.pause(time.Duration(len(next.data)) * time.Second / time.Duration(condition.BytesPerSecond))
	}
	return true
}

// pause waits; false when the proxy closes meanwhile.
func (p *Proxy) pause(d time.Duration) bool {
	if d <= 0 {
		return p.ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.ctx.Done():
		return false
	}
}
