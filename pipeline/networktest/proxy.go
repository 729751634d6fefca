// Package networktest simulates a bad network for tests and drills: TCP proxies that
// hang, reset and slow down the connections through them.
package networktest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Condition is how a Proxy disturbs its connections.
type Condition struct {
	// Hang delivers nothing and drops nothing: connections stay open and
	// silent; new ones are accepted and stay silent too. Data that was sent arrives
	// when the condition is over, as with TCP.
	Hang bool
	// Refuse resets connections, including new ones.
	Refuse bool
	// Delay is added to each direction.
	Delay time.Duration
	// BytesPerSecond bounds each direction of each connection; 0 means no bound.
	BytesPerSecond int
}

// Proxy forwards TCP connections to one address, under a Condition that can
// change at any time.
type Proxy struct {
	target   string
	read     Read
	listener net.Listener
	running  sync.WaitGroup
	ctx      context.Context
	cancel   context.CancelFunc

	mu        sync.Mutex
	condition Condition
	changed   chan struct{} // closed and replaced when condition changes
	passing   map[*pair]struct{}
}

// Read reads from the target the bytes that are forwarded at once. Inject never writes
// between them.
type Read func(target io.Reader) ([]byte, error)

// New starts a proxy to the target on a free port.
func New(target string) (*Proxy, error) { return NewReading(target, readSome) }

func readSome(from io.Reader) ([]byte, error) {
	buffer := make([]byte, 16<<10)
	n, err := from.Read(buffer)
	return buffer[:n], err
}

// NewReading is New for a protocol between whose messages Inject writes others.
func NewReading(target string, read Read) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for a proxy: %w", err)
	}
	p := &Proxy{target: target, read: read, listener: listener, changed: make(chan struct{}), passing: map[*pair]struct{}{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.running.Go(p.accept)
	return p, nil
}

// Addr returns the address on which the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set changes the condition, also for open connections.
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

// Pass lets everything through.
func (p *Proxy) Pass() { p.Set(Condition{}) }

// Refuse resets all connections, including new ones.
func (p *Proxy) Refuse() { p.Set(Condition{Refuse: true}) }

// Hang keeps connections open and silent.
func (p *Proxy) Hang() { p.Set(Condition{Hang: true}) }

// Inject sends a message to every client, as if the target had sent it.
func (p *Proxy) Inject(message []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for pair := range p.passing {
		errs = append(errs, pair.write(pair.near, message))
	}
	return errors.Join(errs...)
}

// Break resets every connection that is open.
func (p *Proxy) Break() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pair := range p.passing {
		pair.reset()
	}
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

// passable waits while connections hang. It returns false when the proxy closes.
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
			continue // the client had closed the connection already
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

// pair is the connection of a client and its connection to the target.
type pair struct {
	proxy *Proxy
	near  net.Conn
	// writing is held while a message is written to near.
	writing sync.Mutex

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
	directions.Go(func() { c.copy(far, c.near, readSome) })
	directions.Go(func() { c.copy(c.near, far, c.proxy.read) })
	directions.Wait()
	c.reset()
}

// reset resets both connections.
func (c *pair) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	hardClose(c.near)
	if c.far != nil {
		hardClose(c.far)
	}
}

// hardClose makes the kernel send RST and not FIN.
func hardClose(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // it fails only on a connection that is closed already
	}
	_ = conn.Close()
}

// chunk is the result of one read, and when it is due on the other side.
type chunk struct {
	data []byte
	due  time.Time
}

// chunksAtOnce bounds the chunks that a direction buffers, like a socket's buffer.
const chunksAtOnce = 64

// copy forwards one direction until it ends. When it ends with EOF, the other direction
// continues.
func (c *pair) copy(to, from net.Conn, read Read) {
	chunks := make(chan chunk, chunksAtOnce)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(chunks)
		for {
			data, err := read(from)
			if len(data) > 0 {
				condition, _ := c.proxy.state()
				chunks <- chunk{data, time.Now().Add(condition.Delay)}
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
			c.reset() // it ends the reading as well
			for range chunks {
				continue
			}
			return
		}
	}
	if tcp, ok := to.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // it fails only on a connection that is closed already
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
	if c.write(to, next.data) != nil {
		return false
	}
	if condition.BytesPerSecond > 0 {
		return c.proxy.pause(time.Duration(len(next.data)) * time.Second / time.Duration(condition.BytesPerSecond))
	}
	return true
}

func (c *pair) write(to net.Conn, data []byte) error {
	if to == c.near {
		c.writing.Lock()
		defer c.writing.Unlock()
	}
	_, err := to.Write(data)
	return err
}

// pause waits for d. It returns false when the proxy closes meanwhile.
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
