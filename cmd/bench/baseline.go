package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"integr8/cmd/bench/stock"
	"integr8/pipeline/hit"
)

// The commands below are the contenders that this program holds itself. They
// are run as processes of their own, with what they need in the environment.

// surroundings is what the baseline is told.
type surroundings struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" required:""`
	AMQPURL     string `name:"amqp-url" env:"AMQP_URL" required:""`
}

type stockReceiveCommand struct {
	surroundings
	Secret   string `env:"INTEGR8_SECRET" required:""`
	Addr     string `required:""`
	Channels int    `default:"64" help:"Channels that publish side by side."`
}

// Run serves the doors until ctx ends.
func (c *stockReceiveCommand) Run(ctx context.Context, out *output) error {
	keys, err := hit.ParseKeys(c.Secret)
	if err != nil {
		return err
	}
	return stock.Receive(ctx, stock.ReceiveOptions{
		DatabaseURL: c.DatabaseURL, AMQPURL: c.AMQPURL, Keys: keys, Addr: c.Addr, Channels: c.Channels,
		Logger: slog.New(slog.NewTextHandler(out.stderr, nil)),
	})
}

type stockWorkCommand struct {
	surroundings
	Subscriptions int `required:""`
}

// Run handles messages until ctx ends.
func (c *stockWorkCommand) Run(ctx context.Context, out *output) error {
	// One subscription has only itself to keep busy.
	prefetch := 10
	if c.Subscriptions == 1 {
		prefetch = 100
	}
	return stock.Work(ctx, stock.WorkOptions{
		DatabaseURL: c.DatabaseURL, AMQPURL: c.AMQPURL, Subscriptions: c.Subscriptions, Prefetch: prefetch,
		Logger: slog.New(slog.NewTextHandler(out.stderr, nil)),
		Ready:  func() { fmt.Fprint(out.stdout, readyLine) },
	})
}

type bareCommand struct {
	Addr string `required:""`
}

// Run redirects everybody until ctx ends.
func (c *bareCommand) Run(ctx context.Context) error {
	redirect := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://shop.example/shoes")
		w.WriteHeader(http.StatusFound)
	})
	return stock.Serve(ctx, c.Addr, &http.Server{Handler: redirect, ReadHeaderTimeout: 5 * time.Second})
}
