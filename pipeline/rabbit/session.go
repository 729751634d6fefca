package rabbit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"golang.org/x/sync/singleflight"
)

const (
	// heartbeat finds a dead peer on an idle connection: amqp091-go gives up
	// after three intervals without a byte.
	heartbeat = 10 * time.Second
	// dialTimeout bounds the TCP connect and, once more, the handshake.
	dialTimeout = 10 * time.Second
	// closeTimeout is how long the broker may take to say goodbye.
	closeTimeout = 3 * time.Second
)

// session is one live connection, from its handshake until it is lost.
type session struct {
	conn    *amqp.Connection
	socket  *socket
	host    string
	blocked atomic.Pointer[blockade]
	// suspect counts requests that the broker is late to answer.
	suspect atomic.Int32
	pings   singleflight.Group

	lost  chan struct{}
	cause error // why it was lost; to be read after lost is closed
}

// blockade is a time in which the broker takes no messages.
type blockade struct {
	reason string
	lifted chan struct{}
}

// dialAny opens a connection to the first address that answers, trying them
// in a random order so that many processes spread over a cluster.
func dialAny(ctx context.Context, addresses []address, name string, writeTimeout time.Duration) (*session, error) {
	var all error
	for _, i := range rand.Perm(len(addresses)) {
		session, err := dial(ctx, addresses[i], name, writeTimeout)
		if err == nil {
			return session, nil
		}
		err = fmt.Errorf("connect to %s: %w", addresses[i].host, err)
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
			// amqp091-go takes this deadline away after the handshake.
			return s.socket, conn.SetDeadline(time.Now().Add(dialTimeout))
		},
	}
	config.Properties.SetClientConnectionName(name)
	conn, err := amqp.DialConfig(to.url, config)
	if cut := !release(); cut || ctx.Err() != nil {
		err = context.Cause(ctx) // whatever it looked like from the inside
	}
	if err != nil {
		s.cut()
		return nil, err
	}
	s.conn = conn
	go s.watch(conn.NotifyClose(make(chan *amqp.Error, 1)), conn.NotifyBlocked(make(chan amqp.Blocking, 1)))
	return s, nil
}

// watch follows the connection until it is lost.
func (s *session) watch(closes <-chan *amqp.Error, blocks <-chan amqp.Blocking) {
	for {
		select {
		case blocking, open := <-blocks:
			switch {
			case !open:
				blocks = nil
			case blocking.Active:
				s.lift()
				s.blocked.Store(&blockade{reason: blocking.Reason, lifted: make(chan struct{})})
			default:
				s.lift()
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

func (s *session) lift() {
	if blockade := s.blocked.Swap(nil); blockade != nil {
		close(blockade.lifted)
	}
}

// err says why the session can make nothing durable now, or nil.
func (s *session) err() error {
	select {
	case <-s.lost:
		return fmt.Errorf("%w: connection to %s lost: %w", ErrUnavailable, s.host, s.cause)
	default:
	}
	if blockade := s.blocked.Load(); blockade != nil {
		return fmt.Errorf("%w: %s", ErrBlocked, blockade.reason)
	}
	if s.suspect.Load() > 0 {
		return fmt.Errorf("%w: %s does not answer", ErrUnavailable, s.host)
	}
	return nil
}

// bounded carries out a request that waits for the broker's answer. When none
// comes in time the connection is cut, because amqp091-go has no other way
// out of such a wait.
func (s *session) bounded(timeout time.Duration, request func() error) error {
	guard := time.AfterFunc(timeout, s.cut)
	err := request()
	if !guard.Stop() && err != nil {
		err = fmt.Errorf("%s did not answer within %s: %w", s.host, timeout, err)
	}
	return err
}

// ping asks the broker for a sign of life and waits for it until ctx ends. One that
// is late is still waited for in the background, so that the connection need not
// be cut: those who ask meanwhile share it, and the heartbeat ends it.
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

func (s *session) channel(timeout time.Duration) (*amqp.Channel, error) {
	var channel *amqp.Channel
	err := s.bounded(timeout, func() (err error) {
		channel, err = s.conn.Channel()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	return channel, nil
}

// discard closes a channel whose last answer is overdue. While the broker
// does not answer that either, the session is suspect, and in the end it is
// cut. A blocked broker is waited for: it answers nothing until it has room.
func (s *session) discard(channel *amqp.Channel) {
	if blockade := s.blocked.Load(); blockade != nil {
		select {
		case <-blockade.lifted:
		case <-s.lost:
			return
		}
	}
	s.suspect.Add(1)
	defer s.suspect.Add(-1)
	_ = s.bounded(closeTimeout, channel.Close) // the channel is given up either way
}

// close says goodbye to the broker, but not for long.
func (s *session) close() {
	_ = s.bounded(closeTimeout, s.conn.Close) // the connection is gone either way
	<-s.lost
}

// cut drops the connection without a word. It may be called at any time.
func (s *session) cut() {
	if s.socket != nil {
		_ = s.socket.Conn.Close() // nothing left to save
	}
}
