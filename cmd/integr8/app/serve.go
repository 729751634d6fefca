package app

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// server is what can be stopped so that requests under way finish.
type server interface {
	Serve(net.Listener) error
	// SetKeepAlivesEnabled says whether a connection goes on after its answer.
	SetKeepAlivesEnabled(bool)
	Shutdown(context.Context) error
}

// serveHits runs the doors' server until ctx ends, and then lets requests under way
// finish. It may hand over to a new process: both listen at the same address for a
// while, and the old one takes requests until load balancers have seen that it is not
// ready any more. Each answer then says that its connection ends.
func (p *process) serveHits(ctx context.Context, server server) error {
	var config net.ListenConfig
	if p.options.Receiver.ReusePort {
		config.Control = reusePort
	}
	listener, err := listen(ctx, config, ForHits, p.options.Receiver.Addr)
	if err != nil {
		return err
	}
	p.hits.set(listener.Addr())
	return p.serveOn(ctx, ForHits, listener, server, p.options.Receiver.DrainDelay)
}

func (p *process) serveOn(ctx context.Context, purpose Purpose, listener net.Listener, server server, drain time.Duration) error {
	p.logger.Info("listening", "for", purpose, "address", listener.Addr().String())
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		server.SetKeepAlivesEnabled(false)
		if drain > 0 {
			<-time.After(drain)
		}
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.options.ShutdownTimeout)
		defer cancel()
		stopped <- server.Shutdown(grace)
	})
	err := server.Serve(listener)
	if stop() {
		// The server has ended although nobody stopped it.
		return fmt.Errorf("serve %s: %w", purpose, err)
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("stop serving %s: requests were still under way: %w", purpose, err)
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
