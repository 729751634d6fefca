package main

import (
	"context"
	"io"
	"log/slog"
	"time"

	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// app is what the commands share: the settings, the streams, and the
// connections, which are opened by the first command that asks.
type app struct {
	settings *settings
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	lookup   func(string) (string, bool) // of the environment

	opened *store.Store
	// watch is that of a long command, else nil.
	watch *serverWatch
}

// store returns the database. It is closed when the program ends.
func (a *app) store() (*store.Store, error) { return a.storeBy(store.Open) }

// longestSilence is how long the database may be silent in the middle of a
// statement of a receiver or a worker. It is above the time that a batch is
// given, so that an end in good order comes first.
const longestSilence = 25 * time.Second

// boundedStore gives the database to a process that must never stand still.
func (a *app) boundedStore() (*store.Store, error) {
	return a.storeBy(func(address string) (*store.Store, error) {
		return store.OpenBounded(address, longestSilence)
	})
}

func (a *app) storeBy(open func(address string) (*store.Store, error)) (*store.Store, error) {
	if a.opened != nil {
		return a.opened, nil
	}
	address, err := a.settings.databaseURL()
	if err != nil {
		return nil, err
	}
	a.opened, err = open(address)
	if err == nil {
		a.watch.over("the database", a.opened.Ping)
	}
	return a.opened, err
}

// brokerURL is the address of RabbitMQ for a command that publishes. A command that
// only asks needs no more than settings.amqpURL: each of its requests has an end.
func (a *app) brokerURL() (string, error) {
	address, err := a.settings.amqpURL()
	if err == nil {
		a.watch.over("the broker", func(ctx context.Context) error { return rabbit.Ping(ctx, address) })
	}
	return address, err
}

// close ends the connections; what is lost by an error here is nothing.
func (a *app) close() {
	if a.opened != nil {
		_ = a.opened.Close()
	}
}

// commandLogger is the logger of a command that prints a result and ends: that it
// is connected interests nobody unless asked for by --log-level debug.
func (a *app) commandLogger() *slog.Logger {
	quiet := *a.settings
	if quiet.LogLevel == slog.LevelInfo {
		quiet.LogLevel = slog.LevelWarn
	}
	return (&app{settings: &quiet, stderr: a.stderr}).logger()
}

// logger writes to stderr in the form that the settings ask for.
func (a *app) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: a.settings.LogLevel}
	if a.settings.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(a.stderr, options))
	}
	return slog.New(slog.NewTextHandler(a.stderr, options))
}
