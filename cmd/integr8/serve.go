package main

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"integr8/pipeline/monitor"
)

// server is what can be stopped so that requests under way finish.
type server interface {
	Serve(net.Listener) error
	// SetKeepAlivesEnabled says whether a connection goes on after its answer.
	SetKeepAlivesEnabled(bool)
	Shutdown(context.Context) error
}

// serveAdmin runs the server of the admin address until ctx ends, and then
// lets requests under way finish.
func (p *process) serveAdmin(ctx context.Context) error {
	return p.serveOn(ctx, adminSetting, p.adminListener, monitor.NewServer(p.settings.AdminAddr, p.admin()), 0)
}

// serveHits runs the doors' server likewise. It may hand over to a new
// process: both listen at the same address for a while, and the old one takes
// requests until load balancers have seen that it is not ready any more, each
// answered with the word that its connection ends.
func (p *process) serveHits(ctx context.Context, server server) error {
	var config net.ListenConfig
	if p.settings.ReusePort {
		config.Control = reusePort
	}
	listener, err := hitsSetting.listen(ctx, config, p.settings.Addr)
	if err != nil {
		return err
	}
	return p.serveOn(ctx, hitsSetting, listener, server, p.settings.DrainDelay)
}

func (p *process) serveOn(ctx context.Context, setting listenSetting, listener net.Listener, server server, drain time.Duration) error {
	p.logger.Info("listening", "for", setting.purpose, "address", listener.Addr().String())
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
	err := server.Serve(listener)
	if stop() {
		// The server ended by itself, which nobody asked it to do.
		return fmt.Errorf("serve %s: %w", setting.purpose, err)
	}
	if err := <-stopped; err != nil {
		return fmt.Errorf("stop serving %s: requests were still under way: %w", setting.purpose, err)
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
