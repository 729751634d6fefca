package rabbit

import (
	"net"
	"time"
)

// socket is a network connection with a timeout on each write. Without it, a blocked
// broker or a network that drops packets would hold a write, and every publisher that
// waits for it, until TCP fails: many minutes.
type socket struct {
	net.Conn
	writeTimeout time.Duration
}

// Write fails when the kernel does not accept the bytes within writeTimeout; amqp091-go
// then closes the connection.
func (s *socket) Write(p []byte) (int, error) {
	if err := s.Conn.SetWriteDeadline(time.Now().Add(s.writeTimeout)); err != nil {
		return 0, err
	}
	return s.Conn.Write(p)
}
