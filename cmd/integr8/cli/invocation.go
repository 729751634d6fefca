package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"

	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// invocation is what a command gets: the settings, the streams, and the
// connections, which are opened by the first command that asks.
type invocation struct {
	settings *settings
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	lookup   func(string) (string, bool) // of the environment

	// mu guards opened and closed: a command that was given up may still be at work
	// while the program ends.
	mu     sync.Mutex
	opened *store.Store
	closed bool
	// watch is that of a long command, else nil.
	watch *serverWatch
}

// store returns the database. It is closed when the program ends.
func (inv *invocation) store() (*store.Store, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.closed {
		return nil, errors.New("open the database: the command has ended")
	}
	if inv.opened != nil {
		return inv.opened, nil
	}
	address, err := inv.settings.databaseURL()
	if err != nil {
		return nil, err
	}
	inv.opened, err = store.Open(address)
	if err == nil {
		inv.watch.over("the database", inv.opened.Ping)
	}
	return inv.opened, err
}

// brokerURL is the address of RabbitMQ for a command that publishes. A command that
// only asks needs no more than settings.amqpURL: each of its requests has an end.
func (inv *invocation) brokerURL() (string, error) {
	address, err := inv.settings.amqpURL()
	if err == nil {
		inv.watch.over("the broker", func(ctx context.Context) error { return rabbit.Ping(ctx, address) })
	}
	return address, err
}

// close ends the connections; what is lost by an error here is nothing.
func (inv *invocation) close() {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.closed = true
	if inv.opened != nil {
		_ = inv.opened.Close()
	}
}

// commandLogger is the logger of a command that prints a result and ends: that it
// is connected interests nobody unless asked for by --log-level debug.
func (inv *invocation) commandLogger() *slog.Logger {
	quiet := *inv.settings
	if quiet.LogLevel == slog.LevelInfo {
		quiet.LogLevel = slog.LevelWarn
	}
	return (&invocation{settings: &quiet, stderr: inv.stderr}).logger()
}

// logger writes to stderr in the form that the settings ask for.
func (inv *invocation) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: inv.settings.LogLevel}
	if inv.settings.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(inv.stderr, options))
	}
	return slog.New(slog.NewTextHandler(inv.stderr, options))
}
