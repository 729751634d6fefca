package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"integr8/pipeline/failure"
)

// Purpose says for what a process listens at an address, as the log names it.
type Purpose string

// The purposes.
const (
	ForHits  Purpose = "hits"
	ForAdmin Purpose = "admin"
	ForWeb   Purpose = "web"
)

// addressSetting is how a person sets an address.
type addressSetting struct {
	name, example string
	// inUse is the hint for an address that something else has taken.
	inUse string
}

var addressSettings = map[Purpose]addressSetting{
	ForHits: {
		name: "INTEGR8_ADDR (--addr)", example: "127.0.0.1:8080",
		inUse: "set another address for this receiver, or stop what listens there; INTEGR8_REUSE_PORT in both lets a new receiver share it with the one before",
	},
	ForAdmin: {
		name: "INTEGR8_ADMIN_ADDR (--admin-addr)", example: "127.0.0.1:8081",
		inUse: "each process of a machine needs one of its own: set another address, or port 0 for any free one, which the log names",
	},
	ForWeb: {
		name: "INTEGR8_WEB_ADDR (--web-addr)", example: "127.0.0.1:8082",
		inUse: "each process of a machine that serves the API needs one of its own: set another address, port 0 for any free one, which the log names, or off for no API in integr8 up",
	},
}

// listen takes an address.
func listen(ctx context.Context, config net.ListenConfig, purpose Purpose, address string) (net.Listener, error) {
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, AddressError(purpose, address, err)
	}
	return listener, nil
}

// AddressError returns the error of an address that is malformed or cannot be listened
// at, in one line that names its setting, with a hint that says what to change.
func AddressError(purpose Purpose, address string, err error) error {
	setting := addressSettings[purpose]
	form := fmt.Sprintf("it must look like %s, or :PORT for all addresses of this machine", setting.example)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return failure.WithHint(fmt.Errorf("%s: %s is in use already", setting.name, address), setting.inUse)
	case errors.Is(err, syscall.EACCES):
		return failure.WithHint(fmt.Errorf("%s: this user may not listen at %s", setting.name, address),
			"ports below 1024 need a privilege (CAP_NET_BIND_SERVICE): choose another one, and put a proxy or load balancer in front")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return failure.WithHint(fmt.Errorf("%s: %s is no address of this machine", setting.name, address), form)
	}
	// An error of package net also names the system call, which says nothing here.
	var operation *net.OpError
	if errors.As(err, &operation) {
		err = operation.Err
	}
	return failure.WithHint(fmt.Errorf("%s: %w", setting.name, err), form)
}
