package rabbit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/singleflight"
)

const (
	// heartbeat detects a dead peer on an idle connection: amqp091-go closes the
	// connection after three intervals without a byte.
	heartbeat = 10 * time.Second
	// dialTimeout bounds the TCP connect, and again the handshake.
	dialTimeout = 10 * time.Second
	// closeTimeout is how long the broker may take to confirm a close.
	closeTimeout = 3 * time.Second
)

// session is one live connection, from its handshake until it is lost.
type session struct {
	conn    *amqp.Connection
	socket  *socket
	host    string
	blocked atomic.Pointer[blockage]
	// overdue counts channels that are being discarded: the broker is late with its
	// response on them.
	overdue atomic.Int32
	pings   singleflight.Group

	lost  chan struct{}
	cause error // why it was lost; to be read after lost is closed
}

// blockage is a time in which the broker accepts no messages, from connection.blocked
// to connection.unblocked.
type blockage struct {
	reason string
	ended  chan struct{}
}

// dialAny connects to the first address that works. It tries the addresses in random
// order, so that many processes spread over a cluster.
func dialAny(ctx context.Context, addresses []address, name string, writeTimeout time.Duration) (*session, error) {
	var all error
	for _, i := range rand.Perm(len(addresses)) {
		session, err := dial(ctx, addresses[i], name, writeTimeout)
		if err == nil {
			return session, nil
		}
		err = fmt.Errorf("connect to %s: %w", addresses[i].host, withoutAddress(err))
		if all == nil {
			all = err
		} else {
			all = fmt.Errorf("%w; %w", all, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, all
}

// dialError is a dial's error whose text does not repeat the address.
type dialError struct{ *net.OpError }

func (e dialError) Error() string { return e.Err.Error() }
func (e dialError) Unwrap() error { return e.OpError }

// withoutAddress returns the same error without, in its text, the address that package
// net writes before the cause.
func withoutAddress(err error) error {
	var dialled *net.OpError
	if errors.As(err, &dialled) && dialled.Op == "dial" {
		return dialError{dialled}
	}
	return err
}

func dial(ctx context.Context, to address, name string, writeTimeout time.Duration) (*session, error) {
	s := &session{host: to.host, lost: make(chan struct{})}
	release := func() bool { return true }
	config := amqp.Config{
		Heartbeat:  heartbeat,
		Properties: amqp.NewConnectionProperties(),
		Dial: func(network, host string) (net.Conn, error) {
			conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, host)
			if err != nil {
				return nil, err
			}
			s.socket = &socket{Conn: conn, writeTimeout: writeTimeout}
			release = context.AfterFunc(ctx, s.cut)
			// amqp091-go removes this deadline after the handshake.
			return s.socket, conn.SetDeadline(time.Now().Add(dialTimeout))
		},
	}
	config.Properties.SetClientConnectionName(name)
	conn, err := amqp.DialConfig(to.url, config)
	if cut := !release(); cut || ctx.Err() != nil {
		err = context.Cause(ctx) // not the network error of the cut connection
	}
	if err != nil {
		s.cut()
		return nil, err
	}
	s.conn = conn
	go s.watch(conn.NotifyClose(make(chan *amqp.Error, 1)), conn.NotifyBlocked(make(chan amqp.Blocking, 1)))
	return s, nil
}

// watch records blockages and the loss of the connection. It ends with the connection.
func (s *session) watch(closes <-chan *amqp.Error, blocks <-chan amqp.Blocking) {
	for {
		select {
		case blocking, open := <-blocks:
			switch {
			case !open:
				blocks = nil
			case blocking.Active:
				s.endBlockage()
				s.blocked.Store(&blockage{reason: blocking.Reason, ended: make(chan struct{})})
			default:
				s.endBlockage()
			}
		case err := <-closes:
			s.cause = amqp.ErrClosed
			if err != nil {
				s.cause = err
			}
			close(s.lost)
			return
		}
	}
}

func (s *session) endBlockage() {
	if blockage := s.blocked.Swap(nil); blockage != nil {
		close(blockage.ended)
	}
}

// err returns why messages cannot be made durable on the session now, or nil.
func (s *session) err() error {
	select {
	case <-s.lost:
		return fmt.Errorf("%w: connection to %s lost: %w", ErrUnavailable, s.host, s.cause)
	default:
	}
	if blockage := s.blocked.Load(); blockage != nil {
		return fmt.Errorf("%w: %s", ErrBlocked, blockage.reason)
	}
	if s.overdue.Load() > 0 {
		return fmt.Errorf("%w: %s does not answer", ErrUnavailable, s.host)
	}
	return nil
}

// bounded runs a request that waits for the broker's response. Without a response
// within timeout it cuts the connection, because amqp091-go has no other way to end
// such a wait.
func (s *session) bounded(timeout time.Duration, request func() error) error {
	guard := time.AfterFunc(timeout, s.cut)
	err := request()
	if !guard.Stop() && err != nil {
		err = fmt.Errorf("%s did not answer within %s: %w", s.host, timeout, err)
	}
	return err
}

// ping opens and closes a channel, which proves that the broker responds. It waits until
// ctx ends. A ping that is late continues in the background, so that the connection
// need not be cut: later callers share it, and the heartbeat ends it.
func (s *session) ping(ctx context.Context) error {
	answered := s.pings.DoChan("", func() (any, error) {
		channel, err := s.conn.Channel()
		if err != nil {
			return nil, unavailable(err)
		}
		return nil, channel.Close()
	})
	select {
	case result := <-answered:
		return result.Err
	case <-ctx.Done():
		return fmt.Errorf("%w: %s does not answer: %w", ErrUnavailable, s.host, context.Cause(ctx))
	}
}

// close closes the connection, within closeTimeout.
func (s *session) close() {
	_ = s.bounded(closeTimeout, s.conn.Close) // the connection ends even when the close fails
	<-s.lost
}

// cut closes the TCP connection without an AMQP close. It may be called at any time.
func (s *session) cut() {
	if s.socket != nil {
		_ = s.socket.Conn.Close() // the connection is given up, so its error is of no use
	}
}
