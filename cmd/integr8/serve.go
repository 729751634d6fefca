package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// serve runs an HTTP server until ctx ends, and then lets requests under way
// finish.
func (p *process) serve(ctx context.Context, name string, server *http.Server) error {
	return p.serveOn(ctx, name, server, net.ListenConfig{}, 0)
}

// serveHits is serve for the doors, which may hand over to a new process:
// both listen at the same address for a while, and the old one takes requests
// until load balancers have seen that it is not ready any more, each answered
// with the word that its connection ends.
func (p *process) serveHits(ctx context.Context, server *http.Server) error {
	var config net.ListenConfig
	if p.settings.ReusePort {
		config.Control = reusePort
	}
	return p.serveOn(ctx, "hits", server, config, p.settings.DrainDelay)
}

func (p *process) serveOn(ctx context.Context, name string, server *http.Server, config net.ListenConfig, drain time.Duration) error {
	listener, err := config.Listen(ctx, "tcp", server.Addr)
	if err != nil {
		return withHint(fmt.Errorf("listen for %s: %w", name, err), "choose another address, or stop what listens there")
	}
	p.logger.Info("listening", "for", name, "address", listener.Addr().String())
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		server.SetKeepAlivesEnabled(false)
		if drain > 0 {
			<-time.After(drain)
		}
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.settings.ShutdownTimeout)
		defer cancel()
		stopped <- server.Shutdown(grace)
	})
	err = server.Serve(listener)
	if stop() {
		// The server ended by itself, which nobody asked it to do.
		return fmt.Errorf("serve %s: %w", name, err)
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("stop serving %s: requests were still under way: %w", name, err)
	}
	return nil
}

// reusePort lets several sockets listen at one address: see SO_REUSEPORT in
// socket(7).
func reusePort(_, _ string, socket syscall.RawConn) error {
	var failed error
	err := socket.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	})
	if err != nil {
		return err
	}
	return failed
}
