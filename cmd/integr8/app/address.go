package app

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// address is where a process listens, once it does.
type address struct {
	known chan struct{}
	text  *string
}

func newAddress() address { return address{make(chan struct{}), new(string)} }

// set is called once.
func (a address) set(at net.Addr) {
	*a.text = at.String()
	close(a.known)
}

// now returns the address if it is known.
func (a address) now() (string, bool) {
	select {
	case <-a.known:
		return *a.text, true
	default:
		return "", false
	}
}

func (a address) await(ctx context.Context, ended <-chan struct{}) (string, error) {
	select {
	case <-a.known:
		return *a.text, nil
	case <-ended:
		return "", errors.New("the process has ended and listens at no address")
	case <-ctx.Done():
		return "", fmt.Errorf("wait for an address: %w", context.Cause(ctx))
	}
}
