// Package load sends a paced mixture of requests to receivers, like visitors and
// advertisers, and records every answer in a ledger.
package load

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"integr8/cmd/chaos/ledger"
)

// client speaks HTTP/1.1 over its own connections, which it keeps alive. It does not
// use the client of net/http, because that repeats a GET by itself when a connection
// breaks, and then one request of the ledger could be two.
type client struct {
	timeout time.Duration

	mu   sync.Mutex
	idle map[route][]*connection
}

// route is the two addresses of a connection.
type route struct{ from, receiver string }

type connection struct {
	net.Conn
	reader *bufio.Reader
}

// idleAtMost is how many connections to one receiver are kept.
const idleAtMost = 64

func newClient(timeout time.Duration) *client {
	return &client{timeout: timeout, idle: map[route][]*connection{}}
}

// do sends a request once and waits for its answer.
func (c *client) do(ctx context.Context, request ledger.Request) ledger.Answer {
	began := time.Now()
	answer := c.try(ctx, request)
	answer.Took = time.Since(began)
	return answer
}

func (c *client) try(ctx context.Context, request ledger.Request) ledger.Answer {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	conn, err := c.connect(ctx, route{request.From, request.Receiver})
	if err != nil {
		return ledger.Answer{Fate: ledger.NotSent, Error: err.Error()}
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	answer, keep, err := conn.exchange(ctx, request)
	if err != nil {
		_ = conn.Close() // it has failed already
		return ledger.Answer{Fate: ledger.Unknown, Error: err.Error()}
	}
	c.release(route{request.From, request.Receiver}, conn, keep)
	return answer
}

func (c *client) connect(ctx context.Context, to route) (*connection, error) {
	for {
		conn := c.take(to)
		if conn == nil {
			break
		}
		if conn.alive() {
			return conn, nil
		}
		_ = conn.Close() // the other side has closed it already
	}
	var dialer net.Dialer
	if to.from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(to.from)}
	}
	conn, err := dialer.DialContext(ctx, "tcp", to.receiver)
	if err != nil {
		return nil, err
	}
	return &connection{conn, bufio.NewReader(conn)}, nil
}

// take returns the idle connection that was used last; nil when there is none.
func (c *client) take(to route) *connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	idle := c.idle[to]
	if len(idle) == 0 {
		return nil
	}
	conn := idle[len(idle)-1]
	c.idle[to] = idle[:len(idle)-1]
	return conn
}

// alive reports whether an idle connection is still open on the other side, as far as
// that shows. A receiver that stops closes its idle connections, and never reads a
// request that is sent at that moment.
func (c *connection) alive() bool {
	raw, err := c.Conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return false
	}
	var peekErr error
	err = raw.Read(func(socket uintptr) bool {
		_, _, peekErr = syscall.Recvfrom(int(socket), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	})
	return err == nil && errors.Is(peekErr, syscall.EAGAIN)
}

func (c *client) release(to route, conn *connection, keep bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if keep && len(c.idle[to]) < idleAtMost {
		c.idle[to] = append(c.idle[to], conn)
		return
	}
	_ = conn.Close() // the answer is whole
}

// close ends the idle connections.
func (c *client) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, idle := range c.idle {
		for _, conn := range idle {
			_ = conn.Close() // nothing is under way on it
		}
	}
	clear(c.idle)
}

// exchange sends a request and reads its whole answer.
func (c *connection) exchange(ctx context.Context, request ledger.Request) (answer ledger.Answer, keep bool, err error) {
	out, err := httpRequest(request)
	if err != nil {
		return answer, false, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(deadline); err != nil {
			return answer, false, err
		}
	}
	if err := out.Write(c); err != nil {
		return answer, false, fmt.Errorf("send: %w", err)
	}
	response, err := http.ReadResponse(c.reader, out)
	if err != nil {
		return answer, false, fmt.Errorf("read the answer: %w", err)
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return answer, false, fmt.Errorf("read the answer: %w", err)
	}
	answer = ledger.Answer{
		Fate: ledger.Answered, Status: response.StatusCode,
		Receipt: response.Header.Get("X-Receipt"), Location: response.Header.Get("Location"),
		RetryAfter: response.Header.Get("Retry-After"),
	}
	if response.StatusCode >= http.StatusBadRequest {
		answer.Body = string(body)
	}
	return answer, !response.Close && c.reader.Buffered() == 0, nil
}

// httpRequest converts a request into the form that is sent.
func httpRequest(request ledger.Request) (*http.Request, error) {
	target := url.URL{Scheme: "http", Host: request.Receiver, Path: request.Path}
	params := append(request.Params[:len(request.Params):len(request.Params)], request.Junk...)
	var body io.Reader
	contentType := ""
	switch request.Form {
	case ledger.Body:
		body, contentType = strings.NewReader(encode(params)), "application/x-www-form-urlencoded"
	case ledger.JSON:
		text, err := encodeJSON(params)
		if err != nil {
			return nil, err
		}
		body, contentType = strings.NewReader(text), "application/json"
	default:
		target.RawQuery = encode(params)
	}
	out, err := http.NewRequest(request.Method, target.String(), body)
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	if contentType != "" {
		out.Header.Set("Content-Type", contentType)
	}
	out.Header.Set("User-Agent", "integr8-chaos")
	if request.Host != "" {
		out.Host = request.Host
	}
	return out, nil
}

// encode keeps order and repeats, which url.Values does not.
func encode(params []ledger.Pair) string {
	var text strings.Builder
	for i, p := range params {
		if i > 0 {
			text.WriteByte('&')
		}
		text.WriteString(url.QueryEscape(p.Name) + "=" + url.QueryEscape(p.Value))
	}
	return text.String()
}

func encodeJSON(params []ledger.Pair) (string, error) {
	var text strings.Builder
	for i, p := range params {
		name, nameErr := json.Marshal(p.Name)
		value, valueErr := json.Marshal(p.Value)
		if err := errors.Join(nameErr, valueErr); err != nil {
			return "", fmt.Errorf("make a JSON body: %w", err)
		}
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(string(name) + ":" + string(value))
	}
	return "{" + text.String() + "}", nil
}
