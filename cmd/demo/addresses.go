package main

import (
	"errors"
	"fmt"
	"net"
)

// addresses are where things listen, all on the loopback interface.
type addresses struct {
	doors string
	admin string
	// shop listens already, so that nobody else takes its port.
	shop net.Listener
}

// The ports that a person would try first; where one is taken, any free one
// does.
const (
	doorsPort = 8080
	adminPort = 8081
	shopPort  = 8090
)

func chooseAddresses() (addresses, error) {
	var taken []net.Listener
	listen := func(port int) (net.Listener, error) {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			listener, err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		taken = append(taken, listener)
		return listener, nil
	}
	doors, err := listen(doorsPort)
	if err == nil {
		_, err = listen(adminPort)
	}
	if err == nil {
		_, err = listen(shopPort)
	}
	if err != nil {
		for _, listener := range taken {
			err = errors.Join(err, listener.Close())
		}
		return addresses{}, err
	}
	chosen := addresses{doors: doors.Addr().String(), admin: taken[1].Addr().String(), shop: taken[2]}
	// These two are for integr8, which listens on them itself.
	if err := errors.Join(taken[0].Close(), taken[1].Close()); err != nil {
		return addresses{}, fmt.Errorf("free the ports again: %w", errors.Join(err, taken[2].Close()))
	}
	return chosen, nil
}

// closeListener closes a listener that its server may have closed already.
func closeListener(listener net.Listener) error {
	if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close %s: %w", listener.Addr(), err)
	}
	return nil
}
