package receiver

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"integr8/pipeline/connection"
)

// bounded returns a listener that accepts connections within the bounds of the options.
//
// Above MaxBytesUnderWay a request that is arriving gets 503, the oldest of the
// sender that has the most. Its read does not wait instead, because it would keep its
// buffer and its connection meanwhile, and a sender that never finishes would keep them
// longest.
func (rc *Receiver) bounded(listener net.Listener) *connection.Listener {
	bounded := connection.NewListener(listener, connection.Options{
		Max:          rc.options.MaxConnections,
		MaxPerSender: rc.options.MaxConnectionsPerSender,
		Sender:       rc.senderOfConn,
		MaxBytes:     int64(rc.options.MaxBytesUnderWay),
		ArrivalBytes: int64(rc.options.arrivalBytes()),
		Refused:      rc.refuseConn,
	})
	rc.connections.Store(bounded)
	return bounded
}

// senderOfConn returns the sender of a connection. It returns false, which means exempt,
// for a trusted proxy, because it has many clients, and for a Unix socket, because it has
// no address.
func (rc *Receiver) senderOfConn(remote net.Addr) (netip.Addr, bool) {
	return connection.SenderOfConn(remote, rc.options.TrustedProxies)
}

// The responses to refused connections, which are sent before anything is read. The
// client may see a reset instead, because the bytes that it sent are not read.
const (
	refusalHead = "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n" +
		"X-Content-Type-Options: nosniff\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
	tooManyOfSender = "HTTP/1.1 429 Too Many Requests\r\n" + refusalHead +
		"too many connections are open from your address: send it again later\n"
	tooManyInAll = "HTTP/1.1 503 Service Unavailable\r\n" + refusalHead +
		"too many connections are open: send it again later\n"
)

// Why a connection is refused.
var (
	errCrowded      = errors.New("all connections are busy: see INTEGR8_MAX_CONNECTIONS")
	errCrowdedByOne = errors.New("one client address has reached its bound: see INTEGR8_MAX_CONNECTIONS_PER_SENDER")
)

// refuseConn responds to a refused connection. The response fits into any
// socket's buffer, so that the write does not wait.
func (rc *Receiver) refuseConn(refused net.Conn, bound connection.Bound) {
	text, seen, err := tooManyInAll, Observation{Result: Overloaded, Status: 503}, errCrowded
	if bound == connection.PerSender {
		text, seen, err = tooManyOfSender, Observation{Result: TooMany, Status: 429}, errCrowdedByOne
	}
	_ = refused.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = refused.Write([]byte(text)) // after an error the client sees only that the connection ends
	rc.options.Observe(seen)
	rc.failures.raise("connections are refused", "", err)
}

// Connections returns the state of the connections; zero before the doors are served.
func (rc *Receiver) Connections() connection.State {
	if bounded := rc.connections.Load(); bounded != nil {
		return bounded.State()
	}
	return connection.State{}
}
