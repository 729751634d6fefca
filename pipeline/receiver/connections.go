package receiver

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"integr8/pipeline/connection"
)

// bounded takes the connections of a listener within the bounds of the options.
//
// Past MaxConnections those make room that have been idle for the longest. Past
// MaxBytesUnderWay a request that is arriving is answered 503, the oldest of the
// sender that has the most: a read that waited instead would keep its buffer and
// its connection meanwhile, and those of a sender that never finishes would be
// kept longest.
func (rc *Receiver) bounded(listener net.Listener, bufferBytes int) *connection.Listener {
	bounded := connection.NewListener(listener, connection.Options{
		Max:          rc.options.MaxConnections,
		MaxPerSender: rc.options.MaxConnectionsPerSender,
		Sender:       rc.senderOfConn,
		MaxBytes:     int64(rc.options.MaxBytesUnderWay),
		ArrivalBytes: int64(bufferBytes + rc.options.MaxBodyBytes),
		Refused:      rc.refuseConn,
	})
	rc.connections.Store(bounded)
	return bounded
}

// senderOfConn returns whose connection it is. A trusted proxy speaks for many,
// and who has connected through a Unix socket cannot be told: they are exempt.
func (rc *Receiver) senderOfConn(remote net.Addr) (netip.Addr, bool) {
	address := addressOf(remote)
	if !address.IsValid() || isTrusted(address, rc.options.TrustedProxies) {
		return netip.Addr{}, false
	}
	return senderOf(address), true
}

// The answers to connections that are not taken, sent before anything is read.
// Their sender may see a reset instead, because what it has sent is not read.
const (
	refusalHead = "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n" +
		"X-Content-Type-Options: nosniff\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
	tooManyOfSender = "HTTP/1.1 429 Too Many Requests\r\n" + refusalHead +
		"too many connections are open from your address: send it again later\n"
	tooManyInAll = "HTTP/1.1 503 Service Unavailable\r\n" + refusalHead +
		"too many connections are open: send it again later\n"
)

// errCrowded is why connections are refused.
var (
	errCrowded      = errors.New("all connections are busy: see INTEGR8_MAX_CONNECTIONS")
	errCrowdedByOne = errors.New("one client address has as many as it may: see INTEGR8_MAX_CONNECTIONS_PER_SENDER")
)

// refuseConn answers a connection that is not taken. The answer fits into any
// socket's buffer, so that writing it does not wait.
func (rc *Receiver) refuseConn(refused net.Conn, bound connection.Bound) {
	text, seen, err := tooManyInAll, Observation{Result: Overloaded, Status: 503}, errCrowded
	if bound == connection.PerSender {
		text, seen, err = tooManyOfSender, Observation{Result: TooMany, Status: 429}, errCrowdedByOne
	}
	_ = refused.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = refused.Write([]byte(text)) // who does not get it sees that the connection ends
	rc.options.Observe(seen)
	rc.failures.raise("connections are not taken", "", err)
}

// Connections returns how full the doors are; zero before they are served.
func (rc *Receiver) Connections() connection.State {
	if bounded := rc.connections.Load(); bounded != nil {
		return bounded.State()
	}
	return connection.State{}
}
