package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"integr8/cmd/bench/stock"
	"integr8/cmd/internal/tool"
	"integr8/pipeline/token"
)

// The commands below are the contenders that this program contains. They run as
// separate processes, with their settings in the environment.

// surroundings holds the settings of the baseline.
type surroundings struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" required:""`
	AMQPURL     string `name:"amqp-url" env:"AMQP_URL" required:""`
}

type stockReceiveCommand struct {
	surroundings
	Secret string `env:"INTEGR8_SECRET" required:""`
	Addr   string `required:""`
}

// Run serves the doors until ctx ends.
func (c *stockReceiveCommand) Run(ctx context.Context, out *tool.Output) error {
	keys, err := token.ParseKeys(c.Secret)
	if err != nil {
		return err
	}
	return stock.Receive(ctx, stock.ReceiveOptions{
		DatabaseURL: c.DatabaseURL, AMQPURL: c.AMQPURL, Keys: keys, Addr: c.Addr, Channels: 64,
		Logger: slog.New(slog.NewTextHandler(out.Stderr, nil)),
	})
}

type stockWorkCommand struct {
	surroundings
	Subscriptions int    `required:""`
	Addr          string `required:"" help:"Takes connections once messages are taken."`
}

// Run handles messages until ctx ends.
func (c *stockWorkCommand) Run(ctx context.Context, out *tool.Output) error {
	// A single subscription has no other one that could work meanwhile.
	prefetch := 10
	if c.Subscriptions == 1 {
		prefetch = 100
	}
	return stock.Work(ctx, stock.WorkOptions{
		DatabaseURL: c.DatabaseURL, AMQPURL: c.AMQPURL, Subscriptions: c.Subscriptions, Prefetch: prefetch,
		Logger: slog.New(slog.NewTextHandler(out.Stderr, nil)),
		Ready: func() {
			listener, err := net.Listen("tcp", c.Addr)
			if err != nil {
				out.Say("listen: %v", err)
				return
			}
			context.AfterFunc(ctx, func() { _ = listener.Close() })
		},
	})
}

type bareCommand struct {
	Addr string `required:""`
}

// Run redirects every request until ctx ends.
func (c *bareCommand) Run(ctx context.Context) error {
	redirect := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://shop.example/shoes")
		w.WriteHeader(http.StatusFound)
	})
	return stock.Serve(ctx, c.Addr, &http.Server{Handler: redirect, ReadHeaderTimeout: 5 * time.Second})
}
