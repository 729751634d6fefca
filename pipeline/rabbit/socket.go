package rabbit

import (
	"net"
	"time"
)

// socket is a network connection whose writes end. A broker that is blocked
// or a network that swallows packets would otherwise hold a write, and every
// publisher behind it, for as long as TCP tries: many minutes.
type socket struct {
	net.Conn
	writeTimeout time.Duration
}

// Write fails when the bytes cannot be handed to the network in time, after
// which the AMQP connection on top takes itself down.
func (s *socket) Write(p []byte) (int, error) {
	if err := s.Conn.SetWriteDeadline(time.Now().Add(s.writeTimeout)); err != nil {
		return 0, err
	}
	return s.Conn.Write(p)
}
