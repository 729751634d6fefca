package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
)

// Ports are taken from below the range out of which the kernel serves
// outgoing connections, so that none of those can sit on a server's port
// while the server is down, and from above the ports that servers usually
// have.
const (
	lowestPort  = 20000
	highestPort = 32000
)

// choosePort gives a port of the loopback interface that nobody has.
func choosePort() (int, error) {
	highest := min(highestPort, ephemeralStart())
	if highest <= lowestPort+1000 {
		highest = highestPort
	}
	for range 500 {
		port := lowestPort + rand.IntN(highest-lowestPort)
		if portFree(port) {
			return port, nil
		}
	}
	return 0, errors.New("no free port found on 127.0.0.1")
}

// keepPort gives the port that a server had, or another when somebody else
// has it now; moved says which it was.
func keepPort(had int) (port int, moved bool, err error) {
	if had != 0 && portFree(had) {
		return had, false, nil
	}
	port, err = choosePort()
	return port, had != 0, err
}

// portFree reports whether a server could listen on the port.
func portFree(port int) bool {
	listener, err := net.Listen("tcp", loopback(port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// ephemeralStart gives the lowest port of outgoing connections.
func ephemeralStart() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return highestPort
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return highestPort
	}
	start, err := strconv.Atoi(fields[0])
	if err != nil {
		return highestPort
	}
	return start
}
