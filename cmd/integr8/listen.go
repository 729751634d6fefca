package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// listenSetting is the setting of an address that a process listens at.
type listenSetting struct {
	purpose        string // as the log names it
	variable, flag string
	example        string
	// inUse is the hint for an address that something else has taken.
	inUse string
}

var (
	hitsSetting = listenSetting{
		purpose: "hits", variable: "INTEGR8_ADDR", flag: "--addr", example: "127.0.0.1:8080",
		inUse: "set another address for this receiver, or stop what listens there; INTEGR8_REUSE_PORT in both lets a new receiver share it with the one before",
	}
	adminSetting = listenSetting{
		purpose: "admin", variable: "INTEGR8_ADMIN_ADDR", flag: "--admin-addr", example: "127.0.0.1:8081",
		inUse: "each process of a machine needs one of its own: set another address, or port 0 for any free one, which the log names",
	}
)

func (s listenSetting) String() string { return s.variable + " (" + s.flag + ")" }

// listen takes the address. Its error names the setting, and a hint says what to
// change.
func (s listenSetting) listen(ctx context.Context, config net.ListenConfig, address string) (net.Listener, error) {
	listener, err := config.Listen(ctx, "tcp", address)
	if err == nil {
		return listener, nil
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, withHint(fmt.Errorf("%s: %s is in use already", s, address), s.inUse)
	case errors.Is(err, syscall.EACCES):
		return nil, withHint(fmt.Errorf("%s: this user may not listen at %s", s, address),
			"ports below 1024 need a privilege (CAP_NET_BIND_SERVICE): choose another one, and put a proxy or load balancer in front")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, withHint(fmt.Errorf("%s: %s is no address of this machine", s, address), s.formHint())
	}
	return nil, s.unusable(err)
}

// check returns an error for text that is no host and port.
func (s listenSetting) check(address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return s.unusable(err)
	}
	return nil
}

// unusable leaves out of an error of package net what it says of the system call.
func (s listenSetting) unusable(err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) {
		err = operation.Err
	}
	return withHint(fmt.Errorf("%s: %w", s, err), s.formHint())
}

func (s listenSetting) formHint() string {
	return fmt.Sprintf("it must look like %s, or :PORT for all addresses of this machine", s.example)
}
