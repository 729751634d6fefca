// Package ports chooses ports for servers that are started, killed and started again:
// no outgoing connection takes such a port while its server is down.
package ports

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Ports are chosen below the range from which the kernel takes outgoing ports, and
// above the ports that servers usually have.
const (
	lowest  = 20000
	highest = 32000
)

// Choose returns a free port of the loopback interface. No other call returns this port,
// in any process, until this process ends: many tests and drills choose at the same time,
// and a port stays chosen while its server is down.
func Choose() (int, error) {
	end := min(highest, ephemeralStart())
	if end <= lowest+1000 {
		end = highest
	}
	for range 500 {
		port := lowest + rand.IntN(end-lowest)
		if reserve(port) && Free(port) {
			return port, nil
		}
	}
	return 0, errors.New("no free port found on 127.0.0.1")
}

// reservations keeps the sockets of reserve open until the process ends.
var reservations struct {
	sync.Mutex
	sockets []net.PacketConn
}

// reserve reports whether the caller is the first who asks for the port. The kernel
// remembers it: the UDP socket with the port's number, which none of the servers uses.
func reserve(port int) bool {
	socket, err := net.ListenPacket("udp4", Loopback(port))
	if err != nil {
		return false
	}
	reservations.Lock()
	defer reservations.Unlock()
	reservations.sockets = append(reservations.sockets, socket)
	return true
}

// ChoosePair is Choose for a server that also listens at a fixed distance above its
// port. The kernel takes neither for outgoing connections.
func ChoosePair(distance int) (int, error) {
	for range 500 {
		port, err := Choose()
		if err != nil {
			return 0, err
		}
		if port+distance < ephemeralStart() && Free(port+distance) {
			return port, nil
		}
	}
	return Choose()
}

// Address returns a chosen port with the loopback address.
func Address() (string, error) {
	port, err := Choose()
	if err != nil {
		return "", err
	}
	return Loopback(port), nil
}

// Free reports whether a server could listen on the port.
func Free(port int) bool {
	listener, err := net.Listen("tcp", Loopback(port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

// Loopback returns the address of a port on this machine only.
func Loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// ephemeralStart returns the lowest port of outgoing connections.
func ephemeralStart() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return highest
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return highest
	}
	start, err := strconv.Atoi(fields[0])
	if err != nil {
		return highest
	}
	return start
}
