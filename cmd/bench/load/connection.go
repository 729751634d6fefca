package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"
)

// connection sends one request after the other.
type connection struct {
	run     *run
	conn    net.Conn
	out, in []byte

	sent, accepted, counted int
	others                  map[int]int
	latencies               []uint32 // in microseconds
}

// largestAnswer bounds an answer, head and body.
const largestAnswer = 16 << 10

func (c *connection) dial(ctx context.Context) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.run.options.Address)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	c.conn = conn
	if c.in == nil {
		c.in = make([]byte, largestAnswer)
		c.others = map[int]int{}
	}
	return nil
}

func closeAll(connections []*connection) error {
	var errs []error
	for _, c := range connections {
		if err := c.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// send sends until sending ends. ctx ends later, when the answers are no longer
// awaited.
func (c *connection) send(ctx, sending context.Context) {
	r := c.run
	for {
		i, from, ok := r.take(sending)
		if !ok {
			return
		}
		c.sent++
		status, answer, err := c.ask(i)
		now := time.Now()
		if err != nil {
			c.others[0]++
			if ctx.Err() != nil || c.renew(ctx) != nil {
				return
			}
			continue
		}
		if !slices.Contains(r.options.Accepted, status) {
			c.others[status]++
			continue
		}
		c.accepted++
		if !now.Before(r.from) && now.Before(r.to) {
			c.counted++
		}
		if !from.Before(r.from) && from.Before(r.to) {
			c.latencies = append(c.latencies, microseconds(now.Sub(from)))
		}
		if r.observes(now) {
			r.options.Observe(from, answer)
		}
	}
}

func microseconds(d time.Duration) uint32 {
	return uint32(min(d.Microseconds(), longestLatency.Microseconds()))
}

// renew opens the connection again after the server has closed it.
func (c *connection) renew(ctx context.Context) error {
	_ = c.conn.Close() // it is broken already
	return c.dial(ctx)
}

// ask sends a request and reads its answer, which is valid until the next call.
func (c *connection) ask(i int) (status int, answer []byte, err error) {
	c.out = c.run.options.Request(c.out[:0], i)
	if _, err := c.conn.Write(c.out); err != nil {
		return 0, nil, err
	}
	n, end := 0, -1
	for end < 0 || n < end {
		if n == len(c.in) {
			return 0, nil, errors.New("the answer is too long")
		}
		read, err := c.conn.Read(c.in[n:])
		n += read
		if err != nil {
			return 0, nil, err
		}
		if end < 0 {
			if end, err = answerEnd(c.in[:n]); err != nil {
				return 0, nil, err
			}
		}
	}
	status, err = strconv.Atoi(string(c.in[statusAt : statusAt+3]))
	return status, c.in[:end], err
}

// statusAt is the position of the status: HTTP/1.1 200 OK.
const statusAt = len("HTTP/1.1 ")

var (
	headEnd       = []byte("\r\n\r\n")
	contentLength = []byte("\r\nContent-Length: ")
)

// answerEnd returns where an answer ends, or -1 while its head is incomplete. It reads
// what Go's server writes: names in canonical form, and a Content-Length in every short
// answer.
func answerEnd(data []byte) (int, error) {
	head := bytes.Index(data, headEnd)
	if head < 0 {
		return -1, nil
	}
	at := bytes.Index(data[:head+2], contentLength)
	if at < 0 {
		return 0, errors.New("the answer has no Content-Length")
	}
	digits := data[at+len(contentLength):]
	digits = digits[:bytes.IndexByte(digits, '\r')]
	length, err := strconv.Atoi(string(digits))
	if err != nil || length < 0 {
		return 0, errors.New("the answer's Content-Length cannot be read")
	}
	return head + len(headEnd) + length, nil
}

// Header returns the value of a header of an answer, by its name in canonical form;
// empty when it is missing.
func Header(answer []byte, name string) []byte {
	_, rest, ok := bytes.Cut(answer, []byte("\r\n"+name+": "))
	if !ok {
		return nil
	}
	value, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return value
}
