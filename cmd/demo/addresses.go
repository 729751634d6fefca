package main

import (
	"errors"
	"fmt"
	"net"

	"integr8/cmd/internal/ports"
)

// addresses are the listening addresses, all on the loopback interface.
type addresses struct {
	doors string
	admin string
	// web is where the HTTP API is served.
	web string
	// shop listens already.
	shop net.Listener
}

// chooseAddresses uses the ports that a person would try first; when one is taken, it
// uses any free port.
func chooseAddresses() (addresses, error) {
	doors, doorsErr := near(8080)
	admin, adminErr := near(8081)
	web, webErr := near(8082)
	shop, shopErr := near(8090)
	if err := errors.Join(doorsErr, adminErr, webErr, shopErr); err != nil {
		return addresses{}, err
	}
	listener, err := net.Listen("tcp", shop)
	if err != nil {
		return addresses{}, fmt.Errorf("listen for the shop: %w", err)
	}
	return addresses{doors, admin, web, listener}, nil
}

// near returns the address of a port, or of another one when that is taken.
func near(port int) (string, error) {
	if ports.Free(port) {
		return ports.Loopback(port), nil
	}
	return ports.Address()
}
